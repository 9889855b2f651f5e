// House rules that a machine can check; each message names what to do instead. See CONTRIBUTING.md.
import tseslint from 'typescript-eslint'
import { decisions } from './scripts/decisions-rule.mjs'

const enginePurity = [
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: 'Read the virtual clock: clock.now().' },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Read the virtual clock: new Date(clock.now()).' },
  { selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']", message: 'Take a seeded Random by constructor.' },
  { selector: "CallExpression[callee.name=/^(setTimeout|setInterval|setImmediate)$/]", message: 'Use clock.after() or clock.sleep().' },
  { selector: "ImportDeclaration[source.value=/^(node:|fs$|path$|crypto$)/]", message: 'The engine knows no host: let it enter by constructor.' },
  { selector: "ImportDeclaration[source.value=/^\\.\\.\\/\\.\\./]", message: 'Import by layer alias: #engine/..., #labs/..., #app/....' },
]

export default tseslint.config(
  { ignores: ['dist/**', '.cache/**', 'node_modules/**', '**/*.generated.ts', '**/*.generated.json'] },
  {
    files: ['**/*.ts', '**/*.tsx', '**/*.mjs'],
    languageOptions: { parser: tseslint.parser },
    plugins: { '@typescript-eslint': tseslint.plugin, house: { rules: { decisions } } },
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'house/decisions': ['error', 12],
      'no-var': 'error',
      'prefer-const': 'error',
      eqeqeq: ['error', 'always'],
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-debugger': 'error',
      'no-console': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
  { files: ['engine/**/*.ts', 'labs/runner/**/*.ts'], ignores: ['**/*.test.ts'], rules: { 'no-restricted-syntax': ['error', ...enginePurity] } },
  { files: ['**/*.test.ts'], rules: { 'max-lines-per-function': 'off' } },
  { files: ['app/cli/**', 'app/main/**', 'bin/**', 'test/**', '**/*.mjs'], rules: { 'no-console': 'off' } },
  // Tables are data: their length is that of the facts they hold.
  { files: ['**/*.table.ts', '**/data/**/*.ts'], rules: { 'max-lines': 'off' } },
)
