/**
 * The built client. Files under `/assets` carry their content's hash in the name and never change; everything else, the service worker
 * included, is asked for anew each time. Any other address is a screen of the app, which knows its own routes.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { answerFault, unknownRoute } from './answer-fault'

/** What is asked for as a file. Not any dot: a figure of one stage has a dot in its name, and so has its screen. */
const FILE = /\.(?:js|mjs|css|html|map|json|webmanifest|png|svg|ico|txt|xml|php)$/i

const YEAR_S = 365 * 24 * 60 * 60

export async function serveClient(app: FastifyInstance, folder: string | undefined): Promise<void> {
  const isBuilt = folder !== undefined && existsSync(join(folder, 'index.html'))
  if (isBuilt) {
    await app.register(fastifyStatic, {
      root: folder,
      cacheControl: false,
      preCompressed: true,
      // Files are found when they are asked for: a client that is built while the server runs is served at once.
      wildcard: true,
      setHeaders: (reply, path) => {
        const isHashed = path.startsWith(join(folder, 'assets'))
        reply.header('cache-control', isHashed ? `public, max-age=${String(YEAR_S)}, immutable` : 'no-cache')
      },
    })
  }
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?')
    const isScreen = request.method === 'GET' && !path.startsWith('/api') && !path.startsWith('/assets/') && !FILE.test(path)
    if (isBuilt && isScreen) return reply.sendFile('index.html')
    return answerFault(reply, unknownRoute(request))
  })
}
