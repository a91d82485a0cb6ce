/** A place in a {@link WaitingList}; the list owns its links. */
export interface WaitingNode<T> {
  readonly value: T;
  previous: WaitingNode<T> | undefined;
  next: WaitingNode<T> | undefined;
  list: WaitingList<T> | undefined;
}

/** First in, first out, with removal from anywhere in constant time: a client that leaves frees its place at once. */
export class WaitingList<T> {
  #first: WaitingNode<T> | undefined;
  #last: WaitingNode<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): WaitingNode<T> | undefined {
    return this.#first;
  }

  append(value: T): WaitingNode<T> {
    const node: WaitingNode<T> = { value, previous: this.#last, next: undefined, list: this };
    if (this.#last === undefined) {
      this.#first = node;
    } else {
      this.#last.next = node;
    }
    this.#last = node;
    this.#size++;
    return node;
  }

  /** For those whose turn had come already. */
  prepend(value: T): WaitingNode<T> {
    const node: WaitingNode<T> = { value, previous: undefined, next: this.#first, list: this };
    if (this.#first === undefined) {
      this.#last = node;
    } else {
      this.#first.previous = node;
    }
    this.#first = node;
    this.#size++;
    return node;
  }

  /** Does nothing when the node is not, or no longer, in this list. */
  remove(node: WaitingNode<T>): void {
    if (node.list !== this) {
      return;
    }
    if (node.previous === undefined) {
      this.#first = node.next;
    } else {
      node.previous.next = node.next;
    }
    if (node.next === undefined) {
      this.#last = node.previous;
    } else {
      node.next.previous = node.previous;
    }
    node.previous = node.next = node.list = undefined;
    this.#size--;
  }

  /** Empties the list, oldest first. */
  drain(): T[] {
    const values: T[] = [];
    for (let node = this.#first; node !== undefined; node = this.#first) {
      values.push(node.value);
      this.remove(node);
    }
    return values;
  }
}
