import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Answer = (request: IncomingMessage, reply: ServerResponse) => void

/** A web server on a free port of this machine, such as the world outside has many. */
export class FileServer {
  /** The paths that were asked for, oldest first. */
  readonly asked: string[] = []
  readonly #answers = new Map<string, Answer>()
  readonly #server = createServer((request, reply) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    this.asked.push(request.url ?? '/')
    const answer = this.#answers.get(pathname)
    if (answer) answer(request, reply)
    else reply.writeHead(404).end('nothing here')
  })

  /** @returns its address, without a final slash */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  on(path: string, answer: Answer): void {
    this.#answers.set(path, answer)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
