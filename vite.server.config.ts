import { defineConfig } from 'vite'

/** The server is built by the same tool; its dependencies stay outside the bundle. */
export default defineConfig({
  publicDir: false,
  build: {
    ssr: true,
    outDir: 'dist/server',
    target: 'node20',
    sourcemap: true,
    emptyOutDir: true,
    rolldownOptions: {
      input: {
        main: 'src/server/main.ts',
        demo: 'src/server/demo/main.ts',
        'plan-check': 'src/server/plan-check.ts',
        backup: 'src/server/backup/backup.ts',
        restore: 'src/server/backup/restore.ts',
        'audit-verify': 'src/server/audit/audit-verify.ts',
        'ledger-verify': 'src/server/backup/ledger-verify.ts',
      },
    },
  },
})
