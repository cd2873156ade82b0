import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Reading segments with SQL. `tl_reader` may only read, and of every workspace: its statements are made by store/segments alone,
 * which names the workspace in each of them. So the planner is not held back by security barriers (operators of jsonb are not
 * leakproof, and must not run before a policy's own test). A policy `true` does what BYPASSRLS would, and any owner may make it.
 */
export class SegmentReading0008 implements MigrationInterface {
  readonly name = 'SegmentReading1764000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ROLE);
    for (const table of READABLE) {
      await runner.query(`
        create policy reader on ${table} for select to tl_reader using (true);
        grant select on ${table} to tl_reader;
      `);
    }
    await runner.query(INSTANT);
    await runner.query(
      'create index event_by_name on event (workspace_id, customer_id, name, event_time)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of READABLE) {
      await runner.query(`
        revoke select on ${table} from tl_reader;
        drop policy if exists reader on ${table};
      `);
    }
    await runner.query('drop index event_by_name; drop function instant_ms(jsonb);');
  }
}

const READABLE = [
  'customer',
  'identifier',
  'customer_merge',
  'consent',
  'suppression',
  'event',
  'segment_membership',
  'segment_membership_change',
  'lane',
  'lane_append',
];

const ROLE = `
  do $$
  begin
    if not exists (select from pg_roles where rolname = 'tl_reader') then
      begin create role tl_reader nologin;
      exception when duplicate_object or unique_violation then null; end;
    end if;
    if not pg_has_role(current_user, 'tl_reader', 'member') then
      grant tl_reader to current_user;
    end if;
  end $$;
`;

/**
 * domain/shared parseTime, to the letter: RFC 3339 text or ms since epoch to ms since epoch, null for what is no instant between
 * the years 1 and 9999. Never fails, because a segment is asked of people with any value in any trait; so it has its own calendar
 * arithmetic (casts raise on 31 February). Run for a million people at once: one test of the shape, then fixed places and whole
 * numbers. Property-tested against parseTime.
 */
const INSTANT = `
  create function instant_ms(value jsonb) returns bigint language plpgsql immutable parallel safe strict as $$
  declare
    t text := value #>> '{}';
    year int; month int; day int; hour int; minute int; second int := 0; fraction int := 0;
    rest text; at int; zone text; zone_minutes int := 0;
    days bigint;
    ms bigint;
  begin
    if jsonb_typeof(value) = 'number' then
      if abs(value::numeric) > 253402300800000 then return null; end if;
      ms := trunc(value::numeric);
    elsif jsonb_typeof(value) <> 'string' or t !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?)?$' then
      return null;
    else
      year := left(t, 4); month := substr(t, 6, 2); day := substr(t, 9, 2);
      -- Nothing in these two months is brought into the year 1 by an offset, and all that follows has whole centuries.
      if year = 0 and month < 3 then return null; end if;
      if month = 0 or month > 12 or day = 0 then return null; end if;
      if day > 28 and day > (case when month = 2 then
            case when (year % 4 = 0 and year % 100 <> 0) or year % 400 = 0 then 29 else 28 end
            when month in (4, 6, 9, 11) then 30 else 31 end) then
        return null;
      end if;
      -- Years run from March, so that leap days come last.
      if month > 2 then month := month - 3; else month := month + 9; year := year - 1; end if;
      days := year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 719469;
      ms := days * 86400000;
      if length(t) > 10 then
        hour := substr(t, 12, 2); minute := substr(t, 15, 2);
        rest := substr(t, 17);
        at := strpos(translate(rest, '-', '+'), '+');
        if at > 0 then
          zone := substr(rest, at);
          rest := left(rest, at - 1);
          if substr(zone, 2, 2) > '23' or right(zone, 2) > '59' then return null; end if;
          zone_minutes := (left(zone, 1) || (substr(zone, 2, 2)::int * 60 + right(zone, 2)::int))::int;
        end if;
        rest := rtrim(rest, 'Zz');
        if rest <> '' then second := substr(rest, 2, 2); end if;
        if length(rest) > 3 then fraction := rpad(substr(rest, 5, 3), 3, '0'); end if;
        if hour > 23 or minute > 59 or second > 60 then return null; end if;
        ms := ms + ((hour * 60 + minute - zone_minutes) * 60 + second) * 1000::bigint + fraction;
      end if;
    end if;
    if ms between -62135596800000 and 253402300799999 then return ms; end if;
    return null;
  end $$;
`;
