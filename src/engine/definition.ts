import type { Claim, StoredRecord, WriteOperation } from '../storage/port.ts'
import type { Backend } from './backend.ts'
import type { Caller } from './caller.ts'
import type { EngineContext } from './context.ts'
import type { Draft } from './draft.ts'
import type { Input, JsonSchema, Param, Params, ParamValues } from './params.ts'

export type StandardMethod =
  | 'create'
  | 'show'
  | 'query'
  | 'search'
  | 'update'
  | 'delete'
  | 'count'
  | 'batchDelete'

/** Who may call: anyone with the app's key, a logged-in user, an application administrator. */
export type Auth = 'none' | 'user' | 'admin'

/**
 * An object of the data API, as plain data. Its routes, checks, documentation and permissions come
 * from here; what it does differently is a method of its own beside it.
 */
export type ObjectDefinition = {
  /** Singular, as error texts say it: `place`. Also the type of its records. */
  readonly name: string
  /** As relations and likes call it: `Place`. */
  readonly title: string
  /** The path segment, and the key of its lists in replies: `places`. */
  readonly collection: string
  /** The parameter that names one object, and the one that names several. */
  readonly idParam: string
  readonly idsParam?: string
  /** What a call is told that names none, where it is not "Required field: place_id". */
  readonly unnamed?: string
  /** How texts of failed writes call one, where it is not by the name: `a checkin`. */
  readonly calledInTexts?: string
  /** Which of the standard methods it has, with the `method_name` of each. */
  readonly methods: Readonly<Partial<Record<StandardMethod, string>>>
  readonly description: string
  /** Members that clients write, and how. Required ones may be neither absent nor blank. */
  readonly fields: Readonly<Record<string, Param<unknown>>>
  /** Members that the server writes, for the documentation. */
  readonly computed?: Readonly<Record<string, JsonSchema>>
  /** Members that name other objects by id: `place` is stored and sent as `place_id`. */
  readonly references?: Readonly<Record<string, ReferenceDefinition>>
  readonly customFields?: boolean
  readonly tags?: boolean
  readonly acl?: boolean
  /** Parameters of create and update that mean more than a member, such as a photo. */
  readonly attachments?: readonly Attachment[]
  /** Carries review and like counters. */
  readonly counters?: boolean
  /** Members whose words `$text` and search find, besides the tags. */
  readonly words?: readonly string[]
  /** Members that clients may sort and filter by but that are never shown. */
  readonly hiddenKeys?: (draft: Draft) => Readonly<Record<string, unknown>>
  /** Positions by which one is found, `[longitude, latitude]`, besides `coordinates`. */
  readonly points?: (draft: Draft) => Readonly<Record<string, readonly [number, number]>>
  /** Custom fields are members of the object itself (custom objects). */
  readonly open?: boolean
  /** Who alone, besides administrators, sees one that is referred to; `null`: as its ACL says. */
  readonly seenOnlyBy?: (record: StoredRecord) => readonly string[] | null
  /** Names that one object holds alone, and what a second one is told. */
  readonly claims?: (draft: Draft) => readonly (Claim & { readonly taken: string })[]
  /** Refuses or completes what is about to be stored. @returns what is wrong, in sentences' form */
  readonly checkWrite?: (call: Call, draft: Draft) => readonly string[] | Promise<readonly string[]>
  /** What goes out, where that is more than the stored members. Depth 1; no references. */
  readonly view?: (view: ViewInput) => Record<string, unknown> | Promise<Record<string, unknown>>
  /** Other operations that belong to deleting one. */
  readonly alsoDeletes?: (
    context: EngineContext,
    record: StoredRecord,
  ) => Promise<readonly WriteOperation[]>
  /** Apps made with release 1.3.0 or later are told to use `$text` in place of search. */
  readonly searchRetired?: boolean
  /** The owner is not a member (users own themselves). */
  readonly ownerless?: boolean
}

export type ReferenceDefinition = {
  /** The type of the records that it names. */
  readonly type: string
  /** The text for an id that names nothing: `Invalid place id`. */
  readonly invalid: string
  /** Not a parameter of create and update: the object's own methods set it. */
  readonly readOnly?: boolean
  /** Expanded, it stands under this name, in a list of one. */
  readonly listAs?: string
  /** It names several, whose ids are a list under this member: `to_ids`. */
  readonly idsAs?: string
  /** Members that what it names, once expanded, does not show here. */
  readonly without?: readonly string[]
}

export type Attachment = {
  readonly params: Params
  readonly references?: Readonly<Record<string, ReferenceDefinition>>
  /** Changes the draft before it is saved; may be called again when a race was lost. */
  apply(call: Call, draft: Draft): Promise<void>
}

export type ViewInput = {
  readonly data: Record<string, unknown>
  readonly hidden: () => Record<string, unknown>
  readonly record: { readonly id: string; readonly ownerId: string | null }
  readonly call: Call
  /** Nested in another object, or standing for itself. */
  readonly nested: boolean
}

/** One call: who asks what of which backend. Values of `P` are checked. */
export type Call<P = Record<string, unknown>> = {
  readonly context: EngineContext
  readonly backend: Backend
  readonly caller: Caller
  readonly params: P
  /** As sent, for methods that take any name. */
  readonly input: Input
  readonly method: MethodDefinition
  readonly request: RequestFacts
}

export type RequestFacts = {
  readonly id: string
  /** Scheme, host and port as the client reached us, without a final slash. */
  readonly baseUrl: string
  readonly address: string
  /** The session was carried by the request; see `rebind` in sessions.ts. */
  readonly sessionToken: string | null
  /** As sent; absent when the call came from no client. */
  readonly verb?: string
}

export type MethodDefinition = {
  /** The `method_name` of replies. */
  readonly name: string
  /** Groups the documentation: `Places`. */
  readonly group: string
  /** The documented verb; others are accepted as http/verbs.ts says. */
  readonly verb: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Another verb under which the same path means something else: see `call.request.verb`. */
  readonly alsoBy?: 'GET' | 'DELETE'
  /** Without `/v1/` and `.json`: `places/create`; `:name` segments are parameters. */
  readonly path: string
  /** Other paths under which clients call it. */
  readonly aliases?: readonly string[]
  readonly auth: Auth
  /** Open to those, too, who lack the role that the backend asks for: a way in, or out. */
  readonly needsNoRole?: boolean
  readonly summary: string
  readonly params: Params
  readonly returns: Returns
  run(call: Call): Promise<Reply>
}

/** What `response` holds, for the documentation: the schema's name under the key. */
export type Returns = {
  readonly key?: string
  readonly schema?: string
  /** `response[key]` is the object itself and not a list. */
  readonly single?: boolean
  /** `response` may be without the key. */
  readonly optional?: boolean
  /** What else `response` holds, by name. */
  readonly members?: Readonly<Record<string, JsonSchema>>
  readonly meta?: Readonly<Record<string, JsonSchema>>
}

export type Reply = {
  readonly meta?: Readonly<Record<string, unknown>>
  /** JSON texts of the objects under the key. */
  readonly items?: { readonly key: string; readonly texts: readonly string[] }
  readonly response?: Readonly<Record<string, unknown>>
  /** HTTP status and `meta.code`, when not 200. */
  readonly status?: number
  /** HTTP status alone, where it differs from `meta.code`. */
  readonly httpStatus?: number
  /** Sets (text) or clears (`null`) the session cookie. */
  readonly sessionCookie?: string | null
  /** The whole body, not an envelope. */
  readonly raw?: { readonly contentType: string; readonly body: Uint8Array }
}

type TypedMethod<P extends Params> = Omit<MethodDefinition, 'params' | 'run'> & {
  readonly params: P
  run(call: Call<ParamValues<P>>): Promise<Reply>
}

/** A method whose `run` sees the values of its parameters with their types. */
export function defineMethod<P extends Params>(method: TypedMethod<P>): MethodDefinition {
  return method as unknown as MethodDefinition
}

export function defineObject(definition: ObjectDefinition): ObjectDefinition {
  return definition
}
