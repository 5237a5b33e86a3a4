import pg from 'pg'

const POOL_MAX = 10
const CONNECT_TIMEOUT_MS = 10_000
const IDLE_TIMEOUT_MS = 30_000
const STATEMENT_TIMEOUT_MS = 30_000

/** int8: counts and milliseconds, all below 2^53. */
const INT8_OID = 20

/** The planner would rather join by hashes than follow an index until the limit is reached. */
const SETTINGS = '-c enable_hashjoin=off -c enable_mergejoin=off -c jit=off'

export function connectionOptions(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    // Holds when the network drops packets: the server may never hear that the time is up.
    query_timeout: 2 * STATEMENT_TIMEOUT_MS,
    options: SETTINGS,
    keepAlive: true,
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        oid === INT8_OID ? Number : pg.types.getTypeParser(oid, format)) as never,
    },
  }
}

export function openPool(url: string, max: number = POOL_MAX): pg.Pool {
  const pool = new pg.Pool({
    ...connectionOptions(url),
    max,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    allowExitOnIdle: true,
  })
  // The pool drops an idle connection that breaks; without a listener the process would end.
  pool.on('error', () => undefined)
  return pool
}
