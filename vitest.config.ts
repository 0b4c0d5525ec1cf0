import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/**
 * `node`: pure rooms, server, contracts, on SQLite. `postgres`: the same tests of the server and what is PostgreSQL's own, on a server that
 * the run starts. `dom`: components and the device, in jsdom over fake-indexeddb.
 */
export default defineConfig({
  plugins: [vue()],
  define: { __APP_VERSION__: JSON.stringify('0.0.0-test') },
  test: {
    // A test waits for what must come, not for a time: how long that takes is the machine's business. These end only what hangs.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    // By itself it leaves a processor to the editor: of two, that is half.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          include: ['tests/{domain,plan,sync,server,contract}/**/*.test.ts', 'tests/*.test.ts'],
          exclude: ['tests/contract/postgres-*.test.ts', 'tests/postgres/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          environment: 'node',
          include: ['tests/contract/postgres-*.test.ts', 'tests/{server,postgres}/**/*.test.ts'],
          // What is SQLite's own, or needs no database.
          exclude: [
            'backup',
            'commands',
            'demo-inspections',
            'demo-reports',
            'disk-full',
            'made-district',
            'start',
            'stored-cell',
            'webhook-post',
          ].map((name) => `tests/server/${name}.test.ts`),
          globalSetup: './tests/postgres/global-setup.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'dom',
          environment: 'jsdom',
          include: ['tests/client/**/*.test.ts'],
          setupFiles: ['fake-indexeddb/auto', './tests/client/all-messages.ts'],
        },
      },
    ],
  },
})
