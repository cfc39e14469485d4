/** Piece is a stretch of text that is in both versions, only in the one before, or only in the one after. */
export interface Piece {
  kind: "same" | "gone" | "new";
  text: string;
}

/** So many comparisons are made of two stretches at most; where more are needed, the one has become the other as a whole. */
const most = 4_000_000;

/** differences tells what of a text has become what, by lines, and by words in the lines that differ. */
export function differences(before: string, after: string): Piece[] {
  const pieces: Piece[] = [];
  let gone = "";
  let added = "";
  const flush = () => {
    pieces.push(...compared(words(gone), words(added)));
    gone = added = "";
  };
  for (const piece of compared(lines(before), lines(after))) {
    if (piece.kind === "gone") gone += piece.text;
    else if (piece.kind === "new") added += piece.text;
    else {
      flush();
      pieces.push(piece);
    }
  }
  flush();
  return joined(pieces);
}

const lines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+/g) ?? [];
const words = (text: string): string[] => text.match(/\s+|\S+/g) ?? [];

/** compared are the longest parts that two sequences have in common, and what lies between. */
function compared(a: readonly string[], b: readonly string[]): Piece[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  return [
    ...all("same", a.slice(0, head)),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...all("same", a.slice(a.length - tail)),
  ];
}

function middle(a: readonly string[], b: readonly string[]): Piece[] {
  if (a.length * b.length > most || a.length === 0 || b.length === 0) return [...all("gone", a), ...all("new", b)];
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width); // of what follows each pair of places
  const at = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pieces: Piece[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      pieces.push(...all("same", a.slice(i, i + 1)));
      i++;
      j++;
    } else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) {
      pieces.push(...all("gone", a.slice(i, i + 1)));
      i++;
    } else {
      pieces.push(...all("new", b.slice(j, j + 1)));
      j++;
    }
  }
  return pieces;
}

const all = (kind: Piece["kind"], parts: readonly string[]): Piece[] => parts.map((text) => ({ kind, text }));

/** joined puts neighbours of a kind together; within a change, what is gone comes before what is new. */
function joined(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = [];
  let [gone, added] = ["", ""];
  const flush = () => {
    if (gone !== "") out.push({ kind: "gone", text: gone });
    if (added !== "") out.push({ kind: "new", text: added });
    gone = added = "";
  };
  for (const { kind, text } of pieces) {
    if (kind === "gone") gone += text;
    else if (kind === "new") added += text;
    else {
      flush();
      const last = out.at(-1);
      if (last?.kind === "same") last.text += text;
      else out.push({ kind, text });
    }
  }
  flush();
  return out;
}
