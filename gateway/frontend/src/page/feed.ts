/** The operators' live list of events, with filters. */

interface Shown {
  id: string;
  time: string;
  source: string;
  type: string;
  label: string;
  emission: string | null;
  actor: string | null;
  data: Record<string, unknown>;
}

const KEPT = 500;

export function startFeed(): void {
  const feed = document.querySelector<HTMLElement>("#feed");
  const body = feed?.querySelector<HTMLElement>("tbody");
  const filters = document.querySelector<HTMLFormElement>("#feed-filters");
  if (!feed || !body || !filters) return;
  const labels = JSON.parse(document.querySelector("#feed-labels")?.textContent ?? "{}") as Record<string, string>;
  const state = document.querySelector<HTMLElement>("#feed-state");
  const known = new Set<string>();
  const headings = [...feed.querySelectorAll("thead th")].map((heading) => heading.textContent ?? "");
  const source = new EventSource(feed.dataset.feed as string, { withCredentials: true });
  source.addEventListener("open", () => show(state, true));
  source.addEventListener("error", () => show(state, false));
  source.addEventListener("happened", (event) => {
    const shown = JSON.parse((event as MessageEvent<string>).data) as Shown;
    if (known.has(shown.id)) return;
    known.add(shown.id);
    const row = rowOf({ ...shown, label: labels[shown.type] ?? shown.type }, headings);
    row.hidden = !matches(row, filters);
    body.prepend(row);
    while (body.children.length > KEPT) body.lastElementChild?.remove();
  });
  const apply = (): void => {
    for (const row of body.querySelectorAll<HTMLElement>("tr")) row.hidden = !matches(row, filters);
  };
  filters.addEventListener("input", apply);
  filters.addEventListener("reset", () => window.setTimeout(apply));
  filters.addEventListener("submit", (event) => event.preventDefault());
}

function show(state: HTMLElement | null, connected: boolean): void {
  if (!state) return;
  state.classList.toggle("on", connected);
  const text = state.querySelector("span:last-child");
  if (text) text.textContent = (connected ? state.dataset.on : state.dataset.off) ?? "";
}

function matches(row: HTMLElement, filters: HTMLFormElement): boolean {
  const wanted = new FormData(filters);
  const emission = String(wanted.get("emission") ?? "").trim().toLowerCase();
  return (
    (!wanted.get("type") || row.dataset.type === wanted.get("type")) &&
    (!wanted.get("source") || row.dataset.source === wanted.get("source")) &&
    (!emission || (row.dataset.emission ?? "").startsWith(emission))
  );
}

function rowOf(shown: Shown, headings: string[]): HTMLElement {
  const row = document.createElement("tr");
  row.dataset.type = shown.type;
  row.dataset.source = shown.source;
  row.dataset.emission = shown.emission ?? "";
  const time = new Date(shown.time);
  row.append(cell(time.toLocaleTimeString(document.documentElement.lang), time.toISOString()), eventCell(shown));
  row.append(cell(shown.source), cell(shown.emission ?? "–"), cell(shown.actor ?? "–"));
  // On narrow screens each row is a card, and each value stands beside its heading.
  for (const [index, made] of [...row.children].entries()) (made as HTMLElement).dataset.label = headings[index] ?? "";
  return row;
}

function cell(text: string, title?: string): HTMLElement {
  const made = document.createElement("td");
  made.textContent = text;
  if (title) made.title = title;
  return made;
}

function eventCell(shown: Shown): HTMLElement {
  const made = document.createElement("td");
  const details = document.createElement("details");
  details.className = "bare";
  const summary = document.createElement("summary");
  summary.textContent = `${shown.label} (${shown.type})`;
  const data = document.createElement("pre");
  data.textContent = JSON.stringify(shown.data, null, 2);
  details.append(summary, data);
  made.append(details);
  return made;
}
