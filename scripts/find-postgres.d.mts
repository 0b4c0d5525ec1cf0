export declare const POSTGRES_MISSING: string
/** The folder with the server's programs. */
export declare function findPostgres(): string | undefined
export declare function installPostgres(): string | undefined

export type StartedPostgres = {
  /** By the socket, as the superuser; the database `postgres` if none is named. */
  url(database?: string): string
  /** By 127.0.0.1, with a password. */
  tcpUrl(database?: string): string
  readonly user: string
  readonly bin: string
  readonly port: number
  readonly folder: string
  readonly pid: number | undefined
  /** The end of what the server has said. */
  log(): string
  stop(): Promise<void>
  /**
   * Ends it without a clean shutdown and starts it again on the same data, at the same address: SIGQUIT ends all its processes at once,
   * SIGKILL only the first one, whose absence the others notice.
   */
  crash(signal: 'SIGQUIT' | 'SIGKILL'): Promise<void>
}
export declare function startPostgres(options?: {
  readonly settings?: Readonly<Record<string, string>>
}): Promise<StartedPostgres>
