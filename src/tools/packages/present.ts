import { presentNeeds } from '../assets/dependencies.ts'
import type { Mention } from '../assets/references.ts'
import { toolsPath } from '../http/paths.ts'
import type { Exported } from './export.ts'
import { isPossible, type Plan, packageMention } from './plan.ts'

/** What has become of an asset or a policy of a package, or what would. */
export type AssetStatus = 'NEW' | 'EXISTS' | 'CONFLICT' | 'INVALID' | 'CREATED'

export type PolicyStatus = 'NEW' | 'EXISTS' | 'SET' | 'NOT_SET'

export type Outcome = {
  /** The id that an asset has got, by its place in the package. */
  readonly ids: readonly (string | null)[]
  readonly packageId: string | null
  readonly policies: readonly PolicyStatus[]
}

/** What installing would do or, with its outcome, has done. */
export function presentPlan(plan: Plan, outcome: Outcome | null = null) {
  const { package: fields } = plan.contents.manifest
  const { existing, policyProblems } = plan
  const packageId = outcome?.packageId ?? null
  const packageStatus = existing ? 'EXISTS' : packageId === null ? 'NEW' : 'CREATED'
  return {
    package: { id: existing?.id ?? packageId, ...fields },
    importResults: {
      dependencies: presentNeeds({
        assets: plan.tied,
        roles: plan.missingRoles,
        unresolved: plan.unresolved,
      }),
      records: [
        ...recordsOf(plan, outcome),
        recordOf(packageMention(plan.contents), {
          ...{ status: packageStatus, detail: null },
          id: existing?.id ?? packageId,
        }),
      ],
    },
    policies: plan.policies.map(({ name, value, status }, at) => {
      return { name, value, status: outcome?.policies[at] ?? status }
    }),
    policyValidationReport: {
      valid: policyProblems.length === 0,
      validationResults: policyProblems,
    },
    status: isPossible(plan) ? 'SUCCESS' : 'FAILURE',
  }
}

export function presentArtifact(
  { id, name }: { readonly id: string; readonly name: string },
  properties: Readonly<Record<string, string>>,
) {
  return { id, name, downloadLink: downloadLink(id), properties }
}

export function downloadLink(artifactId: string): string {
  return toolsPath('artifacts', artifactId)
}

/** Also what stands in the way, in a refusal. */
export function recordsOf(plan: Plan, outcome: Outcome | null = null) {
  return plan.assets.map(({ item, status, detail, existing }, at) => {
    const made = outcome?.ids[at] ?? null
    return recordOf(item.mention, {
      status: made !== null && status === 'NEW' ? 'CREATED' : status,
      id: existing?.id ?? made,
      detail,
    })
  })
}

type Told = {
  readonly status: AssetStatus
  readonly id: string | null
  readonly detail: string | null
}

function recordOf({ type, namespace, name, version }: Mention, told: Told) {
  return { ...{ type, namespace, name, version }, ...told }
}

export function presentExport({ made, artifact, properties }: Exported) {
  const { id, name, version, title, desc } = made
  return {
    package: { id, name, version, title, desc },
    artifact: presentArtifact(artifact, properties),
    downloadLink: downloadLink(artifact.id),
  }
}
