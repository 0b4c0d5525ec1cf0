import { globalIgnores } from 'eslint/config'
import prettier from 'eslint-config-prettier'
import pluginVue from 'eslint-plugin-vue'
import a11y from 'eslint-plugin-vuejs-accessibility'
import { defineConfigWithVueTs, vueTsConfigs } from '@vue/eslint-config-typescript'

const pure = ['src/domain/**', 'src/plan/**', 'src/sync/**']

export default defineConfigWithVueTs(
  globalIgnores([
    'scripts/*.d.mts',
    'dist/**',
    '.cache/**',
    'data/**',
    'data-demo/**',
    'coverage/**',
    'test-results/**',
    'playwright-report/**',
  ]),
  pluginVue.configs['flat/recommended'],
  a11y.configs['flat/recommended'],
  vueTsConfigs.recommendedTypeChecked,
  prettier,
  {
    rules: {
      'vue/multi-word-component-names': 'off',
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
      eqeqeq: 'error',
    },
  },
  {
    files: pure,
    rules: {
      // Time, chance, storage and network come in as arguments.
      'no-restricted-globals': [
        'error',
        'Date',
        'fetch',
        'crypto',
        'setTimeout',
        'setInterval',
        'console',
        'process',
        'localStorage',
      ],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'chance comes in as an argument' }],
    },
  },
  {
    files: ['scripts/**', '*.js', '*.cjs', '*.config.ts'],
    extends: [vueTsConfigs.base],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off' },
  },
)
