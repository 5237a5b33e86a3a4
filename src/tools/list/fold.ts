/**
 * Text for comparison without regard to case: Unicode's folding, near enough, and never that of a
 * language. Upper case first joins ß with SS, and the two small sigmas; the Turkish dotless ı is
 * kept apart from i, as Unicode keeps it.
 */
export function foldCase(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[^ı]+/g, (part) => part.toUpperCase())
    .toLowerCase()
    .replaceAll('ς', 'σ')
}
