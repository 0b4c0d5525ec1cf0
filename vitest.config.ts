import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** `node`: pure rooms, server, contracts. `dom`: components and the device, in jsdom over fake-indexeddb. */
export default defineConfig({
  plugins: [vue()],
  define: { __APP_VERSION__: JSON.stringify('0.0.0-test') },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          include: ['tests/{domain,plan,sync,server,contract}/**/*.test.ts', 'tests/*.test.ts'],
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
