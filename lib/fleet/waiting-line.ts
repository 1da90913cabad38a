// Who is next: the first in line whose host has a free slot.

/** Work that waits for its turn. */
export interface WaitingLine<Item> {
  /** Lines these up too. Those of equal rank keep their order, after those that came before them. */
  add(items: readonly Item[]): void;
  /** Waits for nothing but hosts: whatever can go on does. To be asked for once for each item. */
  next(): Promise<Item>;
  /** Frees the host's slot. To be told of each item that was given out. */
  done(item: Item): void;
}

/** How a line is kept. */
export interface LineOptions<Item> {
  readonly slotsOf: (host: string) => number;
  /** As for `sort`: who comes before whom. */
  readonly compare: (one: Item, other: Item) => number;
}

/** An empty line. */
export function waitingLine<Item extends { readonly host: string }>({
  slotsOf,
  compare,
}: LineOptions<Item>): WaitingLine<Item> {
  const line: Item[] = [];
  const busy = new Map<string, number>();
  const asking: ((item: Item) => void)[] = [];
  const busyOn = (host: string): number => busy.get(host) ?? 0;
  const take = (): Item | undefined => {
    const index = line.findIndex(({ host }) => busyOn(host) < slotsOf(host));
    const [item] = index === -1 ? [] : line.splice(index, 1);
    if (item !== undefined) busy.set(item.host, busyOn(item.host) + 1);
    return item;
  };
  const serve = (): void => {
    while (asking.length > 0) {
      const item = take();
      if (item === undefined) return;
      asking.shift()?.(item);
    }
  };
  return {
    add: (items) => {
      line.push(...items);
      line.sort(compare);
      serve();
    },
    next: () =>
      new Promise((resolve) => {
        asking.push(resolve);
        serve();
      }),
    done: ({ host }) => {
      busy.set(host, busyOn(host) - 1);
      serve();
    },
  };
}
