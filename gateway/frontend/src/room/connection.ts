/** Whether the way to the room is open, tried before joining: the signalling answers, and the network gives candidates. */

export interface Route {
  signalling_url: string;
  ice_servers: RTCIceServer[];
}

/** `weak`: it answers slowly, or no relay was reached where there should be one; joining may still work. */
export type ConnectionFinding = "good" | "weak" | "no_signalling" | "no_candidates";

const SIGNALLING_MS = 5000;
const CANDIDATES_MS = 4000;
const SLOW_MS = 600;

export async function tryConnection(route: Route): Promise<ConnectionFinding> {
  const [roundTrip, kinds] = await Promise.all([
    pingSignalling(route.signalling_url).catch(() => null),
    gatherCandidates(route.ice_servers).catch(() => new Set<string>()),
  ]);
  return judge(roundTrip, kinds, route.ice_servers.length > 0);
}

/** `roundTrip` in milliseconds, null without an answer; `kinds` of candidates as in RFC 8839, 5.1. */
export function judge(roundTrip: number | null, kinds: Set<string>, serversGiven: boolean): ConnectionFinding {
  if (roundTrip === null) return "no_signalling";
  if (kinds.size === 0) return "no_candidates";
  const outside = kinds.has("srflx") || kinds.has("relay");
  return roundTrip > SLOW_MS || (serversGiven && !outside) ? "weak" : "good";
}

/** Janus answers a ping to anybody, before any session. Resolves to the milliseconds that it took. */
function pingSignalling(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, "janus-protocol");
    const timer = setTimeout(() => socket.close(), SIGNALLING_MS);
    let asked = 0;
    socket.onopen = () => {
      asked = performance.now();
      socket.send(JSON.stringify({ janus: "ping", transaction: "check" }));
    };
    socket.onmessage = () => {
      resolve(performance.now() - asked);
      socket.close();
    };
    socket.onclose = () => {
      clearTimeout(timer);
      reject(new Error("the signalling does not answer"));
    };
  });
}

/** The kinds of the candidates that came until all did or the time was over. */
async function gatherCandidates(iceServers: RTCIceServer[]): Promise<Set<string>> {
  const kinds = new Set<string>();
  const connection = new RTCPeerConnection({ iceServers });
  try {
    connection.createDataChannel("check");
    const done = new Promise<void>((resolve) => {
      setTimeout(resolve, CANDIDATES_MS);
      connection.onicecandidate = ({ candidate }) => {
        if (!candidate) return resolve();
        const kind = / typ (\w+)/.exec(candidate.candidate)?.[1];
        if (kind) kinds.add(kind);
      };
    });
    await connection.setLocalDescription(await connection.createOffer());
    await done;
  } finally {
    connection.close();
  }
  return kinds;
}
