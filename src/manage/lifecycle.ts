/** Whether the server should get requests: it says so to load balancers and to its own parts. */
export class Lifecycle {
  #state: 'starting' | 'ready' | 'stopping' = 'starting'

  get state(): 'starting' | 'ready' | 'stopping' {
    return this.#state
  }

  /** Has no effect once the server is stopping. */
  beginService(): void {
    if (this.#state === 'starting') this.#state = 'ready'
  }

  beginStop(): void {
    this.#state = 'stopping'
  }
}
