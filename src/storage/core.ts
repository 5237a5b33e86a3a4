import type { Connection } from './dialect.ts'
import type { ProbeMemory } from './probe.ts'

/** What finding and counting work with. */
export type Core = { readonly connection: Connection; readonly memory: ProbeMemory }
