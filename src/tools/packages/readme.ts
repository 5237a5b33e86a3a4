import { type Mention, mentionText } from '../assets/references.ts'
import type { Manifest } from './manifest.ts'

type Told = Manifest & { readonly roles: readonly string[] }

/** For whoever opens a package, and wants to know what it does not do. */
export function readmeText({ package: fields, assets, roles }: Told): string {
  const { name, version, title, desc } = fields
  return `# ${title ?? name} ${version}

${desc ?? 'Assets of a Homeport installation, for another one.'}

Check it with \`homeport package check\`, install it with \`homeport package install\`, or send it to
\`/mobile/tools/1.0/import/package/upload\`. What is there already, by name and version, stays as it
is; all else is made as a draft, with keys of its own.

## What is in it

${listOf(assets.map((one: Mention) => mentionText(one)))}
- policies that are about these: policies.json

## What must be done by hand

- Roles travel by name. ${roles.length > 0 ? `Make those that are missing: ${roles.join(', ')}.` : 'These assets name none.'}
- Say of each implementation where its program runs (\`upstreamUrl\`).
- Give backends their mail server (\`smtpUrl\`) and the keys of their identity providers.
- Give the apps the new keys.
- Publish what is to be published.

Users, objects in collections and all other data are not in a package.
`
}

function listOf(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n')
}
