/**
 * Questions to the gateway: JSON by POST. Until one is answered, the same question keeps its command token, also after a
 * reload: what the server did although its answer was lost is answered again, not done again. Only the token is kept.
 */

export interface Problem {
  code: string;
  reason?: string | null;
  text: string;
  details?: Record<string, unknown>;
}

export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code);
  }
}

export class Offline extends Error {}

const UNANSWERED = "titular.unanswered.";
const PAUSES_MS = [600, 1800];

export class Api {
  constructor(private readonly base: string) {}

  /** The answer, or Refused, or Offline. A repeated question is one command to the server. */
  async post<Answer>(path: string, body: Record<string, unknown>): Promise<Answer> {
    const response = await this.send(path, body);
    const answer: unknown = await response.json().catch(() => null);
    if (!response.ok) throw new Refused((answer as Problem | null) ?? { code: "unavailable", text: "" });
    return answer as Answer;
  }

  /** Bytes instead of JSON. */
  async bytes(path: string, body: Record<string, unknown>): Promise<Blob> {
    const response = await this.send(path, body);
    if (!response.ok) throw new Refused((await response.json().catch(() => null)) ?? { code: "unavailable", text: "" });
    return response.blob();
  }

  /** Whether a question was sent whose answer never came. */
  unanswered(path: string): boolean {
    return localStorage.getItem(UNANSWERED + path) !== null;
  }

  private async send(path: string, body: Record<string, unknown>): Promise<Response> {
    const token = localStorage.getItem(UNANSWERED + path) ?? crypto.randomUUID();
    localStorage.setItem(UNANSWERED + path, token);
    const sent = JSON.stringify({ ...body, command_token: token });
    for (const pause of [...PAUSES_MS, null]) {
      try {
        const response = await fetch(this.base + path, {
          method: "POST",
          credentials: "same-origin",
          cache: "no-store",
          headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
          body: sent,
        });
        if (response.status !== 503) localStorage.removeItem(UNANSWERED + path);
        if (response.status !== 503 || pause === null) return response;
      } catch {
        if (pause === null) break;
      }
      await new Promise((resolve) => window.setTimeout(resolve, pause));
    }
    throw new Offline();
  }
}

function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}
