// Names of environment variables, where settings name the variable that holds a secret. What is no such name may be the secret itself,
// pasted where its name belongs: it gets no further than this.

/** Stands for what is not the name of a variable: no variable has it. */
export const NO_VARIABLE = "";

/** The name, or `NO_VARIABLE`. */
export function variableName(text: string): string {
  return /^[A-Z_][A-Z0-9_]*$/.test(text) ? text : NO_VARIABLE;
}
