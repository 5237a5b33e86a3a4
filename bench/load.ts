/**
 * Sends the same requests again and again over 32 connections and prints what came of it as one
 * JSON object. A process of its own, so that it can have a core of its own.
 *
 * argv: a JSON object, {@link LoadOptions}
 */
import autocannon from 'autocannon'

export type LoadOptions = {
  readonly url: string
  readonly seconds: number
  readonly connections?: number
  readonly requests: readonly {
    readonly method: 'GET' | 'POST'
    readonly path: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
  }[]
}

export type LoadResult = {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly failures: number
}

const options = JSON.parse(process.argv[2] ?? '') as LoadOptions
const result = await autocannon({
  url: options.url,
  connections: options.connections ?? 32,
  duration: options.seconds,
  requests: options.requests as autocannon.Request[],
})
const output: LoadResult = {
  perSecond: result.requests.average,
  p50: result.latency.p50,
  p99: result.latency.p99,
  max: result.latency.max,
  failures: result.non2xx + result.errors + result.timeouts,
}
process.stdout.write(JSON.stringify(output))
