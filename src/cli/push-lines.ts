import { columns } from './output.ts'

/** What each service is sent with: no secrets among it. */
export function pushLines(all: readonly Readonly<Record<string, string>>[]): string[] {
  if (all.length === 0) return ['No push service is set: homeport push apns, push fcm, push web.']
  return all.flatMap(({ service = '', ...facts }) => [
    `${service}:`,
    ...columns(Object.entries(facts).map(([name, value]) => [`  ${name}`, value])),
  ])
}
