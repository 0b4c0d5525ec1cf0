/** A robot of a chat group, as its maker runs it: on a port of this machine, answering as it is told to, and remembering what it heard. */
import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const SECRET = 'SEC0123456789abcdef'
export const KEY = 'key-of-the-robot'

export type Heard = { readonly query: URLSearchParams; readonly type: string | undefined; readonly content: string }
type Reply = (response: ServerResponse) => void

export const taken: Reply = (response) => {
  response.setHeader('content-type', 'application/json').end('{"errcode":0,"errmsg":"ok"}')
}
export const refused =
  (errcode: number, errmsg = 'no'): Reply =>
  (response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ errcode, errmsg }))
  }
export const answers =
  (status: number, headers: Readonly<Record<string, string>> = {}, text = ''): Reply =>
  (response) => {
    response.writeHead(status, headers).end(text)
  }
export const silent: Reply = () => undefined

export type RobotServer = {
  readonly url: (kind: 'dingtalk' | 'wecom', host?: string) => string
  readonly port: number
  readonly heard: Heard[]
  /** How the next requests are answered, one each; then all are taken. */
  readonly replies: Reply[]
  close(): Promise<void>
}

export async function openRobot(): Promise<RobotServer> {
  const heard: Heard[] = []
  const replies: Reply[] = []
  const server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      const { searchParams } = new URL(String(request.url), 'http://robot')
      const { msgtype, text: said } = JSON.parse(text) as { msgtype: string; text: { content: string } }
      if (msgtype !== 'text') throw new Error(`not a text: ${text}`)
      heard.push({ query: searchParams, type: request.headers['content-type'], content: said.content })
      ;(replies.shift() ?? taken)(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    heard,
    replies,
    url: (kind, host = '127.0.0.1') =>
      kind === 'dingtalk'
        ? `http://${host}:${String(port)}/robot/send?access_token=${KEY}`
        : `http://${host}:${String(port)}/cgi-bin/webhook/send?key=${KEY}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => {
          resolve()
        })
      }),
  }
}

/** By the maker's description, and not by our code. */
export function isSigned({ query }: Heard, secret: string, now: number): boolean {
  const timestamp = query.get('timestamp') ?? ''
  const sign = createHmac('sha256', Buffer.from(secret, 'utf8'))
    .update(Buffer.from(`${timestamp}\n${secret}`, 'utf8'))
    .digest()
    .toString('base64')
  // An hour old at most.
  return query.get('sign') === sign && Math.abs(now - Number(timestamp)) < 3_600_000
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of request.setEncoding('utf8')) text += String(piece)
  return text
}
