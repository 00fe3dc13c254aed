/**
 * The control room's page: frame, tabs with addresses of their own, and the view of the moment.
 *
 * Follows the network that it was opened for, or plays a recording. Bundled by `scripts/build_dashboard.ts`,
 * served by `lib/control/room_app.ts`.
 *
 * @module
 */
import { render, useState } from "hono/jsx/dom";
import { browser, document, partsOf, valueOf } from "../../page/browser.ts";
import { difficultyOf } from "../../page/network_view.ts";
import { useEffect } from "../../page/use_effect.ts";
import { LANGUAGES } from "../../translation.ts";
import { chooseLanguage, language, text } from "./common.tsx";
import { ChartsView } from "./charts_view.tsx";
import { ExplorerView } from "./explorer_view.tsx";
import { WalletsView } from "./wallets_view.tsx";
import { OlderReader } from "./older_reader.ts";
import { MessageView } from "./message_view.tsx";
import { Overview } from "./overview.tsx";
import { embeddedRecording, Player, readRecording } from "./player.ts";
import { PlayerBar } from "./player_bar.tsx";
import { RecordedExplorer } from "./recorded_explorer.tsx";
import { RecordMenu } from "./record_menu.tsx";
import { call, followFeed, openSession, read, readBytes } from "./room_client.ts";
import { type PageState, PageStore } from "./store.ts";

const TABS = ["overview", "messages", "explorer", "wallets", "charts"] as const;
type Tab = typeof TABS[number];

const store = new PageStore();
const older = new OlderReader((blocks) => store.takeOlder(blocks));
const mode = document.documentElement.dataset["mode"] ?? "live";
let player: Player | undefined;

function App() {
  const [state, setState] = useState<PageState>(store.state);
  const [route, setRoute] = useState(routeOf());
  const [chosen, choose] = useState<string | undefined>(undefined);
  useEffect(() => store.subscribe((next) => setState({ ...next })), []);
  useEffect(() => {
    const follow = () => setRoute(routeOf());
    browser.addEventListener("hashchange", follow);
    return () => browser.removeEventListener("hashchange", follow);
  }, []);

  const { view, connection, nowMs } = state;
  return (
    <>
      <a class="skip" href="#content">{text("skip")}</a>
      <Frame state={state} tab={route.tab} />
      <main id="content" tabindex={-1}>
        {connection === "locked" || connection === "used"
          ? <Locked isUsed={connection === "used"} />
          : view === undefined
          ? <p class="hint empty">{text("starting")}</p>
          : (
            <>
              {connection === "lost" && <p class="banner" role="alert">{text("lost.hint")}</p>}
              {route.tab === "overview" && (
                <Overview
                  view={view}
                  nowMs={nowMs}
                  isRecorded={mode !== "live"}
                  canOrder={connection === "live"}
                  chosen={chosen}
                  onChoose={choose}
                  onMissing={mode === "live" ? older.want : undefined}
                />
              )}
              {route.tab === "explorer" && (
                mode === "live"
                  ? <ExplorerView view={view} route={route.rest} />
                  : <RecordedExplorer view={view} nowMs={nowMs} route={route.rest} />
              )}
              {route.tab === "wallets" && (
                <WalletsView
                  view={view}
                  canOrder={connection === "live"}
                  isRecorded={mode !== "live"}
                />
              )}
              {route.tab === "charts" && <ChartsView view={view} />}
              {route.tab === "messages" && (
                <MessageView view={view} nowMs={nowMs} isLive={connection === "live"} />
              )}
            </>
          )}
      </main>
      {player !== undefined && <PlayerBar player={player} canShare={mode === "play"} />}
    </>
  );
}

function Frame({ state, tab }: { readonly state: PageState; readonly tab: Tab }) {
  const { view, connection, recorder, nowMs } = state;
  const name = connection === "live"
    ? "state.live"
    : connection === "play"
    ? "state.play"
    : connection === "starting"
    ? "starting"
    : "state.lost";
  return (
    <header class="bar">
      <span class="brand">Noobcash</span>
      {view !== undefined && (
        <span class="network quiet">
          {text("network.params", {
            nodes: view.head.nodes,
            capacity: view.head.capacity,
            difficulty: difficultyOf(view),
          })}
        </span>
      )}
      <nav aria-label={text("tabs")}>
        {TABS.map((each) => (
          <a
            key={each}
            href={`#/${each}`}
            {...(each === tab ? { "aria-current": "page" } : {})}
          >
            {text(`tab.${each}`)}
          </a>
        ))}
      </nav>
      <span class="end">
        {canGoOn && connection === "live" && (
          <button type="button" class="main" onClick={goOn}>{text("lesson.goOn")}</button>
        )}
        {connection === "live" && recorder !== null && (
          <RecordMenu recorder={recorder} nowMs={nowMs} />
        )}
        {LANGUAGES.length > 1 && (
          <select
            aria-label={text("language")}
            value={language}
            onChange={(event: Event) => {
              chooseLanguage(valueOf(event));
              browser.location.reload();
            }}
          >
            {LANGUAGES.map((code) => (
              <option key={code} value={code} selected={code === language}>{code}</option>
            ))}
          </select>
        )}
        <span class={`state ${connection}`} role="status">
          <i class="dot" aria-hidden="true" /> {text(name)}
        </span>
      </span>
    </header>
  );
}

/** A lesson is running: its reader may ask for the next step here. */
let canGoOn = false;

function goOn(): void {
  void call("/room/go-on", {});
}

function Locked({ isUsed }: { readonly isUsed: boolean }) {
  return (
    <section class="panel locked">
      <h2>{text("locked.title")}</h2>
      <p>{text(mode === "play" ? "locked.play" : isUsed ? "locked.used" : "locked.text")}</p>
    </section>
  );
}

interface Route {
  readonly tab: Tab;
  /** The parts of the address after the tab's name. */
  readonly rest: readonly string[];
}

function routeOf(): Route {
  const [tab, ...rest] = partsOf(browser.location.hash);
  return { tab: TABS.find((each) => each === tab) ?? "overview", rest };
}

async function begin(): Promise<void> {
  if (mode === "file") {
    const embedded = document.getElementById("recording") as { textContent?: string } | null;
    return await play(embeddedRecording(embedded?.textContent ?? ""));
  }
  const isOpen = await openSession();
  if (mode === "play") {
    const bytes = await readBytes("/room/recording");
    if (bytes.ok) return await play(bytes.value);
    return store.connect(!isOpen ? "used" : bytes.code === "token-wrong" ? "locked" : "lost");
  }
  const status = await read<{ readonly canGoOn?: boolean }>("/room/status");
  canGoOn = status.ok && status.value.canGoOn === true;
  await followFeed({
    onHead: (head) => store.begin(head),
    onEvents: (events, isFresh) => store.take(events, isFresh),
    onRecorder: (status) => store.record(status),
    onConnected: (isConnected) => store.connect(isConnected ? "live" : "lost"),
    onLocked: (isUsed) => store.connect(isUsed ? "used" : "locked"),
  }, !isOpen);
}

async function play(packed: Blob): Promise<void> {
  const { head, events } = await readRecording(packed);
  store.connect("play");
  player = new Player(head, events, (view) => store.show(view));
}

document.title = text("title");
const place = document.getElementById("app");
if (place !== null) render(<App />, place);
void begin();
