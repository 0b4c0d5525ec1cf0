/** The walls between the rooms. What each room is for stands in ARCHITECTURE.md. */
const PURE_LIBRARY = '^node_modules/valibot'
const only = (room, allowed, comment) => ({
  name: `${room}-knows-only-its-own`,
  comment,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { pathNot: [`^src/${room}/`, ...allowed] },
})

module.exports = {
  forbidden: [
    only('domain', [PURE_LIBRARY], 'domain knows the words and nothing else'),
    only('plan', ['^src/domain/', PURE_LIBRARY], 'plan knows how figures follow from a document; no sync, no world'),
    only('sync', ['^src/domain/', PURE_LIBRARY], 'sync does not know what an indicator is'),
    {
      name: 'server-and-client-are-strangers',
      severity: 'error',
      from: { path: '^src/(server|client|worker)/' },
      to: { path: '^src/(server|client|worker)/', pathNot: '^src/$1/' },
    },
    {
      name: 'dexie-only-on-the-device',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/client/device/' },
      to: { path: '^node_modules/dexie' },
    },
    {
      name: 'one-file-per-driver',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/server/store/sqlite\\.ts$' },
      to: { path: '^node_modules/@photostructure/sqlite' },
    },
    {
      name: 'one-file-for-postgres',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/server/store/postgres\\.ts$' },
      to: { path: '^node_modules/(pg|pg-pool|pg-types|@types/pg)/' },
    },
    {
      name: 'ui-is-presentational',
      severity: 'error',
      from: { path: '^src/client/ui/' },
      to: { path: '^src/(client|plan|sync)/', pathNot: ['^src/client/ui/', '^src/client/i18n/', '^src/client/styles/'] },
    },
    {
      name: 'features-do-not-know-each-other',
      severity: 'error',
      from: { path: '^src/client/features/([^/]+)/' },
      to: { path: '^src/client/features/([^/]+)/', pathNot: '^src/client/features/$1/' },
    },
    {
      name: 'state-and-device-do-not-know-screens',
      severity: 'error',
      from: { path: '^src/client/(device|state|i18n)/' },
      to: { path: '^src/client/(features|ui)/' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true, pathNot: '^virtual:' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.vue', '.js', '.json'],
    },
  },
}
