import { readFileSync } from 'node:fs'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type HtmlTagDescriptor, type Plugin } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string }

/** Whether the module, or one that imports it, or one that imports that, is the file of this name. */
function isImportedBy(name: string, id: string, importersOf: (id: string) => readonly string[]): boolean {
  const seen = new Set([id])
  for (const each of seen) {
    if (each.split('?')[0]?.endsWith(`/${name}`) === true) return true
    importersOf(each).forEach((importer) => seen.add(importer))
  }
  return false
}

/** The form. The databases' code comes behind the first screen, which was read without it; typing waits for it, see early-store.ts. */
const FIRST = ['/EntryPage.vue']

/**
 * Most starts are starts of a form: its code comes with the first page instead of after the app's own has run. Any other page asks for
 * its own as before.
 */
function preloadTheForm(): Plugin {
  return {
    name: 'preload-the-form',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const isFirst = (file: string) => html.includes(file)
        const tags = new Map<string, HtmlTagDescriptor>()
        const add = (file: string) => {
          const chunk = bundle?.[file]
          if (chunk?.type !== 'chunk' || tags.has(file) || isFirst(file)) return
          tags.set(file, { tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: `/${file}` }, injectTo: 'head' })
          for (const css of chunk.viteMetadata?.importedCss ?? []) {
            if (isFirst(css)) continue
            tags.set(css, { tag: 'link', attrs: { rel: 'stylesheet', crossorigin: true, href: `/${css}` }, injectTo: 'head' })
          }
          chunk.imports.forEach(add)
        }
        if (bundle === undefined) return []
        for (const file of FIRST) {
          const isIt = (chunk: (typeof bundle)[string]) => chunk.type === 'chunk' && chunk.facadeModuleId?.endsWith(file) === true
          const chunk = Object.values(bundle).find(isIt)
          if (chunk === undefined) throw new Error(`${file} has no chunk of its own to be preloaded`)
          add(chunk.fileName)
        }
        return [...tags.values()]
      },
    },
  }
}

export default defineConfig({
  // No component here uses Vue's options API; without it Vue is a little smaller.
  define: { __APP_VERSION__: JSON.stringify(version), __VUE_OPTIONS_API__: 'false' },
  plugins: [
    vue(),
    preloadTheForm(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/worker',
      filename: 'sw.ts',
      injectRegister: false,
      manifest: {
        name: '优学填报',
        short_name: '优学填报',
        description: '学校教育计划填报，离线可用',
        lang: 'zh-CN',
        start_url: '/',
        display: 'standalone',
        background_color: '#f3f6f5',
        theme_color: '#0e6471',
        icons: [
          { src: '/icons/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icons/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icons/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
      },
      injectManifest: {
        globPatterns: ['**/*.{js,css,html,svg,otf,webmanifest}', 'icons/*.png'],
        globIgnores: ['plans/**'],
        maximumFileSizeToCacheInBytes: 6e6,
        target: 'chrome92',
      },
    }),
  ],
  server: { proxy: { '/api': `http://127.0.0.1:${process.env['PORT'] ?? '8080'}` } },
  build: {
    // The floor is Chromium 92 and Safari 15.4: tablets in schools are seldom new.
    target: ['chrome92', 'safari15.4'],
    cssTarget: ['chrome92', 'safari15.4'],
    outDir: 'dist/client',
    emptyOutDir: true,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'vue', test: /node_modules[\\/](@vue|vue|vue-router|pinia)[\\/]/ },
            // What the form shares with other screens comes as one file: each file is a question to the service worker.
            {
              name(id, context) {
                const importersOf = (of: string) => context.getModuleInfo(of)?.importers ?? []
                const isLater = !isImportedBy('main.ts', id, importersOf)
                return isLater && isImportedBy('EntryPage.vue', id, importersOf) ? 'form' : null
              },
              debugName: 'form',
              test: /[\\/]src[\\/]/,
              minShareCount: 2,
            },
          ],
        },
      },
    },
  },
})
