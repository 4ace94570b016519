interface Node {
  /** Of the set that ends here, −1 if none does. */
  number: number;
  readonly next: Map<number, Node>;
}

/** Numbers the sets of detections that matched together in a block: few, however many events. */
export class MatchedSets {
  readonly sets: number[][] = [[]];
  /** By rising detections: a text to look up would cost more than all steps through it. */
  readonly #root: Node = { number: 0, next: new Map() };

  /** The number of the set in the first `count` places, which rise. */
  of(found: Int32Array, count: number): number {
    let node = this.#root;
    for (let i = 0; i < count; i++) node = node.next.get(found[i]!) ?? step(node, found[i]!);
    if (node.number < 0) node.number = this.sets.push(Array.from(found.subarray(0, count))) - 1;
    return node.number;
  }
}

function step({ next }: Node, detection: number): Node {
  const node: Node = { number: -1, next: new Map() };
  next.set(detection, node);
  return node;
}
