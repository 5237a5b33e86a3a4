import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export type Heard = {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A program behind a custom API, on this machine: it keeps what it was asked. */
export class UpstreamApp {
  readonly url: string
  readonly heard: Heard[] = []
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  /** @param answer what it does besides: without it, 200 and the body back */
  static async open(answer?: RequestListener): Promise<UpstreamApp> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const upstream = new UpstreamApp(server)
    server.on('request', async (request, response) => {
      const { method = '', url = '', headers } = request
      if (answer) {
        upstream.heard.push({ method, url, headers, body: Buffer.alloc(0) })
        answer(request, response)
        return
      }
      const body = await buffer(request).catch(() => Buffer.alloc(0))
      upstream.heard.push({ method, url, headers, body })
      response.end(body)
    })
    return upstream
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
