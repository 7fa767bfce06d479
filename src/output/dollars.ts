/** Three digits that count, and no exponent: `$0.0000027`. */
export function dollars(cost: number): string {
  return `$${cost.toLocaleString('en', { maximumSignificantDigits: 3, maximumFractionDigits: 20 })}`;
}
