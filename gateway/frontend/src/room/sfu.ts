/** One stay in the SFU's room: publishes own tracks, shows those of others, tells when the connection is lost. */

import Janus from "janus-gateway";
import type { JanusJS } from "janus-gateway";
import adapter from "webrtc-adapter";

import { limit } from "./audio_fallback";
import type { SentPicture } from "./audio_fallback";
import { IceRecovery } from "./ice_recovery";
import type { RoomAccess } from "./page";

const PLUGIN = "janus.plugin.videoroom";
const KEEP_ALIVE_MS = 20000;
const CONNECT_MS = 15000;
export const SCREEN_SUFFIX = "-screen";

const OFF = "off";
const ON = "on";
const PAUSED = "paused";

/** What somebody has switched off: the track goes on as silence or a black picture, so only they can tell. */
export interface Off {
  audio: boolean;
  video: boolean;
  /** The picture is not sent, for the sake of a weak connection. */
  picture: boolean;
}

export interface Publisher {
  id: string;
  display?: string;
  streams?: { type: string; description?: string }[];
  off?: Off;
}

export interface SfuListener {
  onRemoteTrack(publisher: Publisher, track: MediaStreamTrack, on: boolean): void;
  onRemoteOff(publisherId: string, off: Off): void;
  onRemoteGone(publisherId: string): void;
  /** `lost`: the connection; `sent_out`: this stay was ended by the office or by another page; `closed`: the room is gone. */
  onEnd(why: "lost" | "sent_out" | "closed"): void;
}

let ready: Promise<void> | undefined;

function initialise(): Promise<void> {
  ready ??= new Promise((resolve) => {
    const dependencies = Janus.useDefaultDependencies({ adapter });
    Janus.init({ debug: false, dependencies, callback: () => resolve() });
  });
  return ready;
}

export class SfuStay {
  private janus: JanusJS.Janus | undefined;
  private publisher: JanusJS.PluginHandle | undefined;
  private screen: JanusJS.PluginHandle | undefined;
  private readonly subscriptions = new Map<string, JanusJS.PluginHandle | null>();
  private privateId = 0;
  private over = false;
  private readonly recoveries = new Set<IceRecovery>();

  constructor(
    private readonly access: RoomAccess,
    private readonly listener: SfuListener,
  ) {}

  /** Connect, join and publish; resolves once media flows. */
  async enter(stream: MediaStream, displayName: string): Promise<void> {
    await initialise();
    try {
      await withinTime(this.connect());
      await withinTime(this.joinAndPublish(stream, displayName));
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  /** Publish a screen as a second publisher, with the access that was given for it. */
  async share(track: MediaStreamTrack, access: RoomAccess, displayName: string): Promise<void> {
    this.unshare();
    await withinTime(
      new Promise<void>((resolve, reject) => {
        this.attach({
          success: (handle) => {
            this.screen = handle;
            handle.send({ message: joining(access, displayName), error: reject });
          },
          error: reject,
          onmessage: (message, jsep) => {
            if (message.error) reject(new Error(String(message.error)));
            if (message.videoroom === "joined") {
              this.offer(this.screen, [{ type: "screen", capture: track, recv: false, dontStop: true }], false, reject);
            }
            if (message.configured === "ok") resolve();
            if (jsep) this.screen?.handleRemoteJsep({ jsep, error: reject });
          },
        });
      }),
    );
  }

  unshare(): void {
    this.screen?.detach();
    this.screen = undefined;
  }

  /** Tell the others what is switched off; who comes later learns it as well. */
  describe(off: Off): void {
    const sending = this.publisher?.webrtcStuff.pc?.getTransceivers() ?? [];
    const descriptions = sending.flatMap(({ mid, sender }) => {
      const kind = sender.track?.kind;
      const on = kind === "video" && off.picture ? PAUSED : ON;
      return mid && kind ? [{ mid, description: off[kind as keyof Off] ? OFF : on }] : [];
    });
    this.publisher?.send({ message: { request: "configure", descriptions } });
  }

  /** Send that picture in place of the present one. */
  async replacePicture(track: MediaStreamTrack): Promise<void> {
    await this.pictureSender()?.replaceTrack(track);
  }

  /** How much of the picture is sent. */
  async limitPicture(picture: SentPicture): Promise<void> {
    const sender = this.pictureSender();
    if (sender) await limit(sender, picture);
  }

  /** The open connections, to be measured. */
  connections(): RTCPeerConnection[] {
    const handles = [this.publisher, ...this.subscriptions.values()];
    return handles.flatMap((handle) => (handle?.webrtcStuff.pc ? [handle.webrtcStuff.pc] : []));
  }

  /** A fresh way for what this page sends, without joining anew: the recording keeps its files. */
  restartIce(): void {
    const { publisher } = this;
    publisher?.createOffer({
      iceRestart: true,
      success: (jsep) => publisher.send({ message: { request: "configure" }, jsep }),
      error: () => this.end("lost"),
    });
  }

  /** Close everything; the listener hears nothing of it. */
  leave(): void {
    this.over = true;
    this.recoveries.forEach((recovery) => recovery.rest());
    this.janus?.destroy({ cleanupHandles: true, notifyDestroyed: true });
    this.janus = undefined;
  }

  private pictureSender(): RTCRtpSender | undefined {
    return this.publisher?.webrtcStuff.pc?.getSenders().find((sender) => sender.track?.kind === "video");
  }

  private connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.janus = new Janus({
        server: this.access.signalling_url,
        token: this.access.gateway_token,
        iceServers: this.access.ice_servers,
        keepAlivePeriod: KEEP_ALIVE_MS,
        destroyOnUnload: true,
        success: () => resolve(),
        error: (error: unknown) => {
          reject(new Error(String(error)));
          this.end("lost");
        },
        destroyed: () => this.end("lost"),
      });
    });
  }

  private joinAndPublish(stream: MediaStream, displayName: string): Promise<void> {
    const recovery = this.recovery(() => this.restartIce());
    return new Promise((resolve, reject) => {
      this.attach({
        success: (handle) => {
          this.publisher = handle;
          handle.send({ message: joining(this.access, displayName), error: reject });
        },
        error: reject,
        webrtcState: (connected) => {
          if (connected) resolve();
          else this.end("lost");
        },
        iceState: (state) => recovery.hear(state),
        onmessage: (message, jsep) => {
          if (message.error) reject(new Error(String(message.error)));
          this.hear(message, stream, reject);
          if (jsep) this.publisher?.handleRemoteJsep({ jsep, error: reject });
        },
      });
    });
  }

  private hear(message: JanusJS.Message, stream: MediaStream, reject: (reason: unknown) => void): void {
    if (message.videoroom === "destroyed") return this.end("closed");
    if (message.leaving === "ok") return this.end("sent_out");
    if (message.videoroom === "joined") {
      this.privateId = Number(message.private_id);
      const tracks = stream.getTracks().map(
        (track): JanusJS.TrackOption => ({
          type: track.kind === "audio" ? "audio" : "video",
          capture: track,
          recv: false,
          dontStop: true,
        }),
      );
      this.offer(this.publisher, tracks, true, reject);
    }
    for (const publisher of (message.publishers as Publisher[] | undefined) ?? []) {
      publisher.off = offOf(publisher);
      if (this.subscriptions.has(publisher.id)) this.listener.onRemoteOff(publisher.id, publisher.off);
      else this.subscribe(publisher);
    }
    const gone = message.unpublished ?? message.leaving ?? message.kicked;
    if (typeof gone === "string") this.unsubscribe(gone);
  }

  private offer(
    handle: JanusJS.PluginHandle | undefined,
    tracks: JanusJS.TrackOption[],
    audio: boolean,
    reject: (reason: unknown) => void,
  ): void {
    const configuration = { request: "configure", audio, video: true, bitrate: this.access.bitrate };
    handle?.createOffer({ tracks, success: (jsep) => handle.send({ message: configuration, jsep }), error: reject });
  }

  private subscribe(publisher: Publisher): void {
    const own = this.access.participant_id;
    if (this.subscriptions.has(publisher.id) || publisher.id === own || publisher.id === own + SCREEN_SUFFIX) return;
    this.subscriptions.set(publisher.id, null);
    let subscription: JanusJS.PluginHandle | undefined;
    const failed = (): void => this.unsubscribe(publisher.id);
    // The SFU answers with an offer for the fresh way.
    const recovery = this.recovery(() => subscription?.send({ message: { request: "configure", restart: true } }));
    this.attach({
      success: (handle) => {
        if (!this.subscriptions.has(publisher.id)) return handle.detach();
        subscription = handle;
        this.subscriptions.set(publisher.id, handle);
        const streams = [{ feed: publisher.id }];
        const { room, room_token: token } = this.access;
        handle.send({
          message: { request: "join", ptype: "subscriber", room, token, streams, private_id: this.privateId },
        });
      },
      error: failed,
      iceState: (state) => recovery.hear(state),
      oncleanup: () => recovery.rest(),
      onmessage: (message, jsep) => {
        if (message.error) failed();
        if (!jsep || !subscription) return;
        const handle = subscription;
        const start = { request: "start", room: this.access.room };
        // Audio and video not mentioned here are accepted as receive-only.
        handle.createAnswer({ jsep, success: (answer) => handle.send({ message: start, jsep: answer }), error: failed });
      },
      onremotetrack: (track, _mid, on, metadata) => {
        if (this.over || !this.subscriptions.has(publisher.id)) return; // the end of tracks after their publisher's
        // A muted track is a short interruption of the network, not the end.
        if (on || metadata?.reason === "ended") this.listener.onRemoteTrack(publisher, track, on);
      },
    });
  }

  private unsubscribe(publisherId: string): void {
    if (!this.subscriptions.has(publisherId)) return;
    this.subscriptions.get(publisherId)?.detach();
    this.subscriptions.delete(publisherId);
    this.listener.onRemoteGone(publisherId);
  }

  private recovery(restart: () => void): IceRecovery {
    const recovery = new IceRecovery(restart, () => this.connections().every(alive) || this.end("lost"));
    this.recoveries.add(recovery);
    return recovery;
  }

  private attach(callbacks: JanusJS.PluginCallbacks): void {
    this.janus?.attach({ plugin: PLUGIN, ...callbacks });
  }

  private end(why: "lost" | "sent_out" | "closed"): void {
    if (this.over) return;
    this.leave();
    this.listener.onEnd(why);
  }
}

function alive({ iceConnectionState }: RTCPeerConnection): boolean {
  return iceConnectionState === "connected" || iceConnectionState === "completed";
}

function offOf({ streams = [] }: Publisher): Off {
  const says = (type: string, word: string): boolean => streams.some((one) => one.type === type && one.description === word);
  return { audio: says("audio", OFF), video: says("video", OFF), picture: says("video", PAUSED) };
}

function joining(access: RoomAccess, display: string): JanusJS.PluginMessage["message"] {
  const { room, participant_id: id, room_token: token } = access;
  return { request: "join", ptype: "publisher", room, id, token, display };
}

function withinTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the room does not answer")), CONNECT_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
