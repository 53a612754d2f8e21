// Wording of hints. It finds nothing; it only says what was found.

/** The hint for a misspelt name, if there is one to give. */
export function didYouMean(suggestion: string | undefined): { readonly hint?: string } {
  return suggestion === undefined ? {} : { hint: `Did you mean "${suggestion}"?` };
}
