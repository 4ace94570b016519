interface Linked {
  readonly id: string;
  readonly inputs: readonly string[];
}

/**
 * Orders correlations so that each stands after all that it reads. One that reads something unsound (a rule with problems of its own, or one in a
 * circle) is left out; each circle is reported once, by the ids on it.
 */
export function orderByInputs<Rule extends Linked>(
  rules: readonly Rule[],
  sound: ReadonlySet<string>,
): { ordered: Rule[]; cycles: string[][] } {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const state = new Map<string, boolean | 'open'>();
  const ordered: Rule[] = [];
  const cycles: string[][] = [];
  const visit = (id: string, path: readonly string[]): boolean => {
    if (sound.has(id)) return true;
    const rule = byId.get(id);
    const known = state.get(id);
    if (known === 'open') cycles.push(path.slice(path.indexOf(id)));
    if (!rule || known !== undefined) return known === true;
    state.set(id, 'open');
    const inputsSound = rule.inputs.map((input) => visit(input, [...path, id])).every(Boolean);
    state.set(id, inputsSound);
    if (inputsSound) ordered.push(rule);
    return inputsSound;
  };
  for (const { id } of rules) visit(id, []);
  return { ordered, cycles };
}
