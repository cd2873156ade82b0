import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import tseslint from 'typescript-eslint';

/** The rooms of docs/architecture.md and who may import whom; everything that is not listed is refused. */
const ROOMS = {
  domain: [],
  store: ['domain'],
  connectors: ['domain'],
  workflows: [],
  activities: ['domain', 'store', 'connectors'],
  api: ['domain', 'store', 'connectors'],
  worker: ['domain', 'store', 'connectors', 'activities'],
  cli: ['domain'],
  snippet: [],
  scripts: ['domain', 'store'],
  bench: ['domain', 'store', 'scripts'],
};

/** Of workflows, everybody else sees the contract only; the rest is for Temporal's bundler. */
const READS_CONTRACT = ['activities', 'api', 'worker', 'scripts', 'bench'];

const CLOCK_AND_CHANCE = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'time is a parameter here',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'time is a parameter here',
  },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'chance is a parameter here',
  },
  { selector: "MemberExpression[object.name='process']", message: 'no process here' },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'var/**', 'coverage/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { boundaries },
    settings: {
      'import/resolver': {
        typescript: {
          conditionNames: ['throughline-source', 'node', 'import', 'default'],
          alwaysTryTypes: false,
        },
      },
      'boundaries/root-path': import.meta.dirname,
      'boundaries/include': ['**/src/**/*.ts'],
      'boundaries/files': [{ category: 'contract', pattern: 'workflows/src/contract.ts' }],
      'boundaries/elements': [
        ...['domain', 'store', 'connectors', 'workflows', 'activities', 'scripts', 'bench'].map(
          (type) => ({
            type,
            pattern: `${type}/src`,
          }),
        ),
        ...['api', 'worker', 'cli', 'snippet'].map((type) => ({
          type,
          pattern: `apps/${type}/src`,
        })),
      ],
    },
    rules: {
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 50, skipComments: true, skipBlankLines: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-unnecessary-condition': 'error',
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: [
            ...Object.entries(ROOMS).map(([from, allow]) => ({
              from: { element: { type: from } },
              allow: { to: { element: { types: { anyOf: [from, ...allow] } } } },
            })),
            {
              from: { element: { types: { anyOf: READS_CONTRACT } } },
              allow: { to: { file: { categories: 'contract' } } },
            },
            { allow: { to: { module: { origin: ['external', 'core'] } } } },
          ],
        },
      ],
    },
  },
  {
    files: ['domain/src/**/*.ts', 'workflows/src/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/testing/**'],
    rules: { 'no-restricted-syntax': ['error', ...CLOCK_AND_CHANCE] },
  },
  {
    files: ['domain/src/**/*.ts'],
    ignores: ['**/*.schema.ts', '**/schemas.ts', '**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths: [{ name: 'zod', allowTypeImports: true }] },
      ],
    },
  },
  {
    files: ['**/*.spec.ts', '**/*.e2e-spec.ts', '**/*.browser.ts', 'test/**/*.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
);
