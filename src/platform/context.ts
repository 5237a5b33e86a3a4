import type { EngineContext } from '../engine/context.ts'
import type { ToolsContext } from '../tools/context.ts'

/** What the runtime of the Hub works with: the data that apps have, and what the team decided. */
export type PlatformContext = EngineContext & { readonly tools: ToolsContext }
