import { createHash } from 'node:crypto'
import { ApiClient } from './api-client.ts'
import { uniquePicture } from './unique-picture.ts'

/** What was acknowledged of one object, and what was sent last without an answer. */
type Known = {
  /** The step of the last change that was acknowledged; `null` once its deletion was. */
  step: number | null
  /** A change or a deletion (`null`) that may have been done or not. */
  inDoubt: number | null | undefined
}

type KnownPhoto = { md5: string; inDoubt: string | undefined }

/** All that the writers of a storm know. */
export class Ledger {
  readonly places = new Map<string, Known>()
  readonly photos = new Map<string, KnownPhoto>()
  /** Names that were sent, by the id that was acknowledged; `null` while there was no answer. */
  readonly placeNames = new Map<string, string | null>()
  /** Pictures that were sent without an answer. */
  readonly picturesInDoubt = new Set<string>()
  /** User names, by the id of the one user who was given it. */
  readonly userNames = new Map<string, string>()
  /** How often a name was refused since another writer had it. */
  namesTaken = 0
  readonly faults: string[] = []
  /** How often the shared counter was raised for sure, and how often perhaps. */
  raised = 0
  raisedPerhaps = 0
  acknowledged = 0
}

export type Writer = { readonly id: string; readonly session: string }

type Where = { readonly url: string; readonly key: string }

/** More is no use to a test, whatever the machine does in the time. */
const WRITES_MAX = 400

/** Writes as one user until the server is gone. One call at a time: one answer can be missing. */
export class StormWriter {
  readonly #name: string
  readonly #ledger: Ledger
  readonly #counterId: string
  readonly #client: ApiClient
  readonly #anyone: ApiClient
  #mine: string[] = []
  #lastPhoto: string | undefined
  #step: number
  #claims: number

  constructor(
    name: string,
    { url, key }: Where,
    writer: Writer,
    { ledger, counterId, round }: { ledger: Ledger; counterId: string; round: number },
  ) {
    this.#name = name
    this.#ledger = ledger
    this.#counterId = counterId
    this.#client = new ApiClient(url, key, writer.session)
    this.#anyone = new ApiClient(url, key)
    this.#step = round * 100_000
    this.#claims = round * 1000
  }

  /** Resolves when a call gets no answer. @param first where in the list of kinds to begin */
  async run(first: number): Promise<void> {
    const kinds = [
      () => this.#createPlace(),
      () => this.#updatePlace(),
      () => this.#raiseCounter(),
      () => this.#uploadPhoto(),
      () => this.#createPlace(),
      () => this.#updatePlace(),
      () => this.#replacePhoto(),
      () => this.#claimName(),
      () => this.#deletePlace(),
    ]
    for (let count = 0; count < WRITES_MAX; count += 1) {
      this.#step += 1
      try {
        await kinds[(first + count) % kinds.length]?.()
      } catch {
        return
      }
    }
  }

  async #createPlace(): Promise<void> {
    const name = `${this.#name} ${this.#step}`
    this.#ledger.placeNames.set(name, null)
    const custom_fields = { step: this.#step, padding: 'x'.repeat(this.#step % 3000) }
    const id = await this.#done(
      this.#client.post('places/create', { name, city: 'Storm', custom_fields }),
      'places',
    )
    if (!id) return
    this.#ledger.placeNames.set(name, id)
    this.#ledger.places.set(id, { step: this.#step, inDoubt: undefined })
    this.#mine.push(id)
  }

  async #updatePlace(): Promise<void> {
    const known = this.#ledger.places.get(this.#mine.at(-1) ?? '')
    if (!known) return
    known.inDoubt = this.#step
    const custom_fields = { step: this.#step }
    const change = { place_id: this.#mine.at(-1), custom_fields }
    await this.#done(this.#client.put('places/update', change), 'places')
    Object.assign(known, { step: this.#step, inDoubt: undefined })
  }

  async #deletePlace(): Promise<void> {
    const id = this.#mine.shift()
    const known = this.#ledger.places.get(id ?? '')
    if (!known) return
    known.inDoubt = null
    await this.#done(this.#client.del('places/delete', { place_id: id }))
    Object.assign(known, { step: null, inDoubt: undefined })
  }

  async #raiseCounter(): Promise<void> {
    this.#ledger.raisedPerhaps += 1
    const values = { id: this.#counterId, fields: { raised: { $inc: 1 } } }
    await this.#done(this.#client.put('objects/counter/update', values), 'counter')
    this.#ledger.raisedPerhaps -= 1
    this.#ledger.raised += 1
  }

  async #uploadPhoto(): Promise<void> {
    const { file, md5 } = await freshPicture()
    this.#ledger.picturesInDoubt.add(md5)
    const values = { photo: file, photo_sizes: { preview: '32x32#' } }
    const id = await this.#done(this.#client.post('photos/create', values), 'photos')
    if (!id) return
    this.#ledger.picturesInDoubt.delete(md5)
    this.#ledger.photos.set(id, { md5, inDoubt: undefined })
    this.#lastPhoto = id
  }

  async #replacePhoto(): Promise<void> {
    const known = this.#ledger.photos.get(this.#lastPhoto ?? '')
    if (!known) return
    const { file, md5 } = await freshPicture()
    known.inDoubt = md5
    const sizes = { photo_sizes: { preview: '32x32#' } }
    const values = { photo_id: this.#lastPhoto, photo: file, ...sizes }
    await this.#done(this.#client.put('photos/update', values), 'photos')
    Object.assign(known, { md5, inDoubt: undefined })
  }

  /** All writers want the same names at the same time; one may have each. */
  async #claimName(): Promise<void> {
    this.#claims += 1
    const username = `storm${this.#claims}`
    const password = { password: 'secret', password_confirmation: 'secret' }
    const { status, body } = await this.#anyone.post('users/create', { username, ...password })
    const id = status === 200 ? String(body.response.users[0].id) : null
    const isTaken = status === 400 && body.meta.message === 'Username is already taken'
    if (id && this.#ledger.userNames.has(username)) this.#fault(`${username} was given twice`)
    else if (id) this.#ledger.userNames.set(username, id)
    else if (isTaken) this.#ledger.namesTaken += 1
    else this.#fault(`users/create: ${status} ${body.meta.message}`)
  }

  /** Waits for the answer. @returns the id of what it shows; throws when there is no answer */
  async #done(call: ReturnType<ApiClient['get']>, key?: string): Promise<string | undefined> {
    const { status, body } = await call
    if (status !== 200) this.#fault(`${status} ${body.meta.method_name}: ${body.meta.message}`)
    else this.#ledger.acknowledged += 1
    return key && status === 200 ? String(body.response[key][0].id) : undefined
  }

  #fault(text: string): void {
    this.#ledger.faults.push(text)
  }
}

async function freshPicture(): Promise<{ file: Blob; md5: string }> {
  const bytes = await uniquePicture(64, 48)
  const md5 = createHash('md5').update(bytes).digest('hex')
  return { file: new Blob([new Uint8Array(bytes)]), md5 }
}
