/** The network between tablets and server: what is on its way may be lost, cut, late, doubled, refused by what stands between. */
import { isSyncAnswer } from '#client/device/http-transport'
import type { NetAnswer } from '#sync/ports'
import type { SyncRequest } from '#sync/protocol'
import type { SimServer } from './server'
import { count } from './tally'
import type { Life, World } from './world'

const UNREACHABLE: NetAnswer = { kind: 'unreachable' }

export type Sender = {
  readonly person: string
  readonly life: Life
  hasSession(): boolean
  expireSession(): void
  isTooOld(): boolean
}

export type Network = ReturnType<typeof createNetwork>

export function createNetwork(world: World, server: SimServer) {
  const { chance, scheduler } = world
  const always: Life = { name: 'network', alive: true }
  /** Bodies that arrive some time, whatever their sender believes. */
  const strays: { readonly body: string; readonly person: string }[] = []
  /** A proxy in between lets only so many mutations through at once. */
  const proxyMax = world.has('tooLarge') ? 1 + chance.below(3) : Infinity
  let flights = 0

  function exchange(request: SyncRequest, sender: Sender): { readonly answer: Promise<NetAnswer>; readonly abort: () => void } {
    const lane = `flight ${++flights}`
    const body = JSON.stringify(request)
    let end: (met: NetAnswer) => void = () => undefined
    const answer = new Promise<NetAnswer>((resolve) => (end = resolve))
    scheduler.add(lane, always, () => {
      const met = onTheWay(request, body, sender)
      if (met !== undefined) return end(met)
      void server.serve(body, sender.person).then((made) => scheduler.add(lane, always, () => end(back(made))))
    })
    return { answer, abort: () => end(UNREACHABLE) }
  }

  /** What meets the request before the server reads it. */
  function onTheWay(request: SyncRequest, body: string, sender: Sender): NetAnswer | undefined {
    const { person } = sender
    if (world.strikes('requestLost', 0.12)) return UNREACHABLE
    if (world.strikes('requestCut', 0.08)) return UNREACHABLE
    if (world.strikes('requestLate', 0.12)) {
      strays.push({ body, person })
      return UNREACHABLE
    }
    if (world.strikes('requestDoubled', 0.12)) strays.push({ body, person })
    if (world.strikes('serverBusy', 0.1))
      return { kind: 'unreachable', ...(chance.is(0.6) ? { retryAfterMs: chance.pick([1000, 30_000, 600_000]) } : {}) }
    if (world.strikes('sessionExpired', 0.04)) sender.expireSession()
    if (!sender.hasSession()) return { kind: 'signedOut' }
    if (sender.isTooOld()) return { kind: 'tooOld' }
    const units = request.asks.reduce((sum, { mutations, witnesses = [] }) => sum + mutations.length + witnesses.length, 0)
    if (units > proxyMax) {
      count(world.tally.faults, 'tooLarge')
      world.mark('halved')
      return { kind: 'tooLarge' }
    }
    return undefined
  }

  function back(met: NetAnswer): NetAnswer {
    if (world.strikes('answerLost', 0.12)) return UNREACHABLE
    if (met.kind !== 'answered') return met
    const text = JSON.stringify(met.answer)
    const arrived = world.strikes('answerCut', 0.08) ? text.slice(0, chance.below(text.length)) : text
    return readAnswer(arrived)
  }

  return {
    exchange,
    /** Something that was believed lost, or sent once before, reaches the server. */
    async deliverStray(): Promise<boolean> {
      if (strays.length === 0) return false
      const at = chance.below(strays.length)
      const stray = strays[at]
      if (stray === undefined || chance.is(0.7)) strays.splice(at, 1)
      if (stray !== undefined) void server.serve(stray.body, stray.person)
      await scheduler.settle()
      return true
    },
  }
}

function readAnswer(text: string): NetAnswer {
  try {
    const body: unknown = JSON.parse(text)
    return isSyncAnswer(body) ? { kind: 'answered', answer: body } : UNREACHABLE
  } catch {
    // Half an answer is none.
    return UNREACHABLE
  }
}
