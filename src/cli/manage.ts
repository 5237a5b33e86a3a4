import { type InputFor, openManager, type ResultFor } from '../manage/manager.ts'
import type { OperationName } from '../manage/operations.ts'
import type { Call } from './command.ts'

/** Does one management operation, through the running server or without one. */
export async function manage<N extends OperationName>(
  call: Pick<Call, 'config'>,
  name: N,
  input: InputFor<N>,
): Promise<ResultFor<N>> {
  const manager = await openManager(await call.config())
  try {
    return await manager.run(name, input)
  } finally {
    await manager.close()
  }
}
