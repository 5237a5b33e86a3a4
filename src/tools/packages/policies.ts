import type { Mention } from '../assets/references.ts'
import { readPolicyFile } from '../policies/files.ts'
import { type Policy, policyOf } from '../policies/policy.ts'
import { problemWith } from '../policies/store.ts'
import { quoted } from '../problems.ts'

const PARTS = /^(\*|[^.()]+(?:\([^()]*\))?)\.(\*|[^.()]+(?:\([^()]*\))?)\.[^.()]+$/

/**
 * The policies that are about these assets and about no others. An API that is bound to what is not
 * among them, such as its mock, is bound to nothing in particular elsewhere.
 */
export function policiesAbout(
  assets: readonly Mention[],
  policies: readonly Policy[],
): readonly Policy[] {
  const isAbout = aboutOnly(assets)
  const bindings = new Set(assets.filter(({ type }) => type === 'API').map(bindingName))
  const programs = new Set(
    assets
      .filter(({ type }) => type === 'APIImplementation')
      .map(({ name, version }) => `${name}(${version})`),
  )
  return policies
    .filter(({ name }) => isAbout(name))
    .map(({ name, value }) => {
      return { name, value: bindings.has(name) && !programs.has(value) ? '' : value }
    })
}

export function policiesText(policies: readonly Policy[]): string {
  return `${JSON.stringify({ policies: valuesOf(policies) }, null, 2)}\n`
}

/** By name: as clients may send them back. */
export function valuesOf(policies: readonly Policy[]): Record<string, string> {
  return Object.fromEntries(policies.map(({ name, value }) => [name, value]))
}

export type PackedPolicies = {
  readonly policies: readonly Policy[]
  readonly problems: readonly string[]
}

/**
 * Reads the policies of a package.
 *
 * @param properties values that take the place of those in the file
 */
export function readPolicies(
  text: string,
  assets: readonly Mention[],
  properties: Readonly<Record<string, string>>,
): PackedPolicies {
  const file = readPolicyFile(text)
  const isAbout = aboutOnly(assets)
  const foreign = file.policies.filter(({ name }) => policyOf(name) !== null && !isAbout(name))
  const names = new Set(file.policies.map(({ name }) => name))
  const unknown = Object.keys(properties).filter((name) => !names.has(name))
  const policies = file.policies.map(({ name, value }) => ({
    name,
    value: (Object.hasOwn(properties, name) ? properties[name] : value) ?? value,
  }))
  // A value that another takes the place of may be as wrong as it likes to be.
  const wrong = policies.map(problemWith).filter((one) => one !== null)
  const badFile = file.problems.filter((one) => !file.policies.map(problemWith).includes(one))
  return {
    policies,
    problems: [
      ...badFile,
      ...wrong,
      ...foreign.map(({ name }) => `${quoted(name)} is not about an asset of the package.`),
      ...unknown.map((name) => `${quoted(name)} is not a policy of the package.`),
    ],
  }
}

/** The implementation that a policy binds an API of the package to, in all backends. */
export function bindingName({ namespace, name, version }: Mention): string {
  return `*.${namespace}/${name}(${version}).Routing_BindApiToImpl`
}

function aboutOnly(assets: readonly Mention[]): (policy: string) => boolean {
  const backends = namesOf(assets.filter(({ type }) => type === 'MobileBackend'))
  // Policies are about APIs, and implementations may be called as these are.
  const others = namesOf(
    assets.filter(({ type }) => type !== 'MobileBackend' && type !== 'APIImplementation'),
  )
  return (policy) => {
    const [, first = '', second = ''] = PARTS.exec(policy) ?? []
    const fits = (first === '*' || backends.has(first)) && (second === '*' || others.has(second))
    return fits && !(first === '*' && second === '*')
  }
}

function namesOf(assets: readonly Mention[]): ReadonlySet<string> {
  return new Set(
    assets.flatMap(({ namespace, name, version }) => {
      const whole = namespace === null ? name : `${namespace}/${name}`
      return [whole, `${whole}(${version})`]
    }),
  )
}
