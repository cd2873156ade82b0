import { assertNever, type Fault } from '../shared/index.js';
import { conform } from './conform.js';
import { canKeepRaw } from './map-field.js';
import type { Attribute, AttributeRole, Catalogue, Mapping, MappingField } from './types.js';

/**
 * What is wrong with a mapping that its shape cannot tell, since it depends on the catalogue. A mapping without faults may still
 * reject rows, but never all of them for a reason that was known beforehand.
 */
export function checkMapping(mapping: Mapping, catalogue: Catalogue): Fault[] {
  const attributes = new Map(catalogue.map((attribute) => [attribute.key, attribute]));
  const faults: Fault[] = [];
  const seen = new Set<string>();
  mapping.fields.forEach((field, index) => {
    const attribute = attributes.get(field.to);
    const path = `fields.${index}`;
    if (attribute === undefined) {
      faults.push(fault(`${path}.to`, 'unknown_attribute', `there is no attribute ${field.to}`));
      return;
    }
    if (seen.has(field.to)) {
      faults.push(fault(`${path}.to`, 'mapped_twice', `${field.to} is mapped by another field`));
    }
    seen.add(field.to);
    faults.push(...faultsOfField(field, attribute, { mapping, path }));
  });
  return [...faults, ...faultsOfWhole(mapping, attributes)];
}

interface Position {
  readonly mapping: Mapping;
  readonly path: string;
}

function faultsOfField(
  field: MappingField,
  attribute: Attribute,
  { mapping, path }: Position,
): Fault[] {
  const faults: Fault[] = [];
  const { role } = attribute;
  if (mapping.target === 'customers' && !isOfCustomer(role)) {
    const message = `${field.to} belongs to an event, and rows of customers are none`;
    faults.push(fault(`${path}.to`, 'not_of_a_customer', message));
  }
  if ((field.level === 'allow' || field.level === 'warn') && !canKeepRaw(attribute)) {
    const message = `${field.to} cannot be kept as it is: choose omit or quarantine`;
    faults.push(fault(`${path}.level`, 'cannot_be_kept', message));
  }
  if (field.saidAt !== undefined && role.kind !== 'consent') {
    faults.push(fault(`${path}.saidAt`, 'not_a_consent', 'only a consent is said at a time'));
  }
  return [...faults, ...faultsOfLiterals(field, attribute, { mapping, path })];
}

/** A constant that does not fit would fail in every row. */
function faultsOfLiterals(
  field: MappingField,
  attribute: Attribute,
  { mapping, path }: Position,
): Fault[] {
  const isWorkedOn = field.casts !== undefined || field.normalise !== undefined;
  const around = { zone: mapping.zone ?? 'UTC', country: mapping.country };
  const literals = [
    ['default', field.default],
    ['from.constant', 'constant' in field.from ? field.from.constant : undefined],
  ] as const;
  return literals.flatMap(([name, literal]) => {
    if (literal === undefined || isWorkedOn) return [];
    const fitted = conform(literal, attribute, around);
    if (fitted.ok) return [];
    return [fault(`${path}.${name}`, fitted.code, `does not fit ${field.to}: ${fitted.detail}`)];
  });
}

export function isOfCustomer(role: AttributeRole): boolean {
  switch (role.kind) {
    case 'identifier':
    case 'trait':
    case 'eventTime':
    case 'messageId':
    case 'consent':
      return true;
    case 'property':
    case 'product':
    case 'eventName':
      return false;
    default:
      return assertNever(role);
  }
}

function faultsOfWhole(
  { target, fields }: Mapping,
  attributes: ReadonlyMap<string, Attribute>,
): Fault[] {
  const roles = fields.flatMap(({ to }) => attributes.get(to)?.role ?? []);
  const faults: Fault[] = [];
  if (!roles.some(({ kind }) => kind === 'identifier')) {
    faults.push(fault('fields', 'missing_identity', 'nothing says who a row is about'));
  }
  if (target === 'events' && !roles.some(({ kind }) => kind === 'eventName')) {
    faults.push(fault('fields', 'missing_event_name', 'nothing says what happened'));
  }
  const hasOrderId = roles.some((role) => role.kind === 'property' && role.property === 'order_id');
  if (target === 'orders' && !hasOrderId) {
    faults.push(fault('fields', 'missing_order_id', 'nothing tells one order from another'));
  }
  for (const kind of ['eventName', 'eventTime', 'messageId'] as const) {
    if (roles.filter((role) => role.kind === kind).length > 1) {
      faults.push(fault('fields', 'mapped_twice', `two fields for the ${SAID[kind]}`));
    }
  }
  return faults;
}

const SAID = {
  eventName: 'name of the event',
  eventTime: 'time of the event',
  messageId: 'message id',
} as const;

function fault(path: string, code: string, message: string): Fault {
  return { path, code, message };
}
