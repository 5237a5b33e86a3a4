import { errorEntry } from '../../../errors.ts'
import { presentAsset } from '../asset.ts'
import { presentReference } from '../dependencies.ts'
import { assetTypeOf } from '../types.ts'
import type { Member } from './plan.ts'

/** A batch as it goes out: what goes back unchanged is the command for what was asked. */
export function presentBatch(members: readonly Member[]) {
  return members.map(({ record, error, dependencies, reverseDependencies }) => {
    const type = assetTypeOf(record)
    return {
      asset: {
        ...presentAsset(type.read(record), type.links(record.id)),
        type: type.name,
        ...(error && {
          error: {
            title: 'Blocked',
            detail: error.message,
            'o:errorCode': `MOBILE-${errorEntry(error.code).hub}`,
          },
        }),
      },
      dependencies: dependencies.map(presentReference),
      reverseDependencies: reverseDependencies.map(presentReference),
    }
  })
}
