"""The parts of the page's client that need no server, run where they run: in a browser."""

import numpy as np
import pytest

from app.api.websocket.codec import decode_frame
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_microphone_frame_is_what_the_server_reads(page_at: OpenPage) -> None:
    visit = await page_at()
    raw = await visit.page.evaluate(
        """async () => {
          const { encodeFrame } = await import("/web/js/exam/frames.js");
          return [...new Uint8Array(encodeFrame(7, 280, new Int16Array(640).fill(-2)))];
        }"""
    )
    frame = decode_frame(bytes(raw))
    assert (frame.kind, frame.stream, frame.seq, frame.offset_ms) == (1, 0, 7, 280)
    assert frame.payload == np.full(640, -2, "<i2").tobytes()


@pytest.mark.parametrize("rate", [44_100, 48_000, 16_000, 8_000])
async def test_whatever_the_rate_of_the_card_a_tone_stays_what_it_was(page_at: OpenPage, rate: int) -> None:
    """A tone of 1 kHz in pieces of odd lengths: 16 kHz afterwards, as loud, and nothing else in it."""
    visit = await page_at()
    samples = await visit.page.evaluate(
        """async (rate) => {
          const { Framer } = await import("/web/js/audio/pcm.js");
          const out = [];
          const framer = new Framer(rate, (frame) => out.push(...frame));
          const at1000 = (_, i) => 0.5 * Math.sin((2 * Math.PI * 1000 * i) / rate);
          const tone = Float32Array.from({ length: rate }, at1000);
          for (let at = 0, size = 1; at < tone.length; at += size, size = (size * 7 + 3) % 997 + 1)
            framer.push(tone.subarray(at, at + size));
          return out;
        }""",
        rate,
    )
    heard = np.asarray(samples[1_600:14_400], np.float64) / 32_767
    assert 15_000 < len(samples) <= 16_000
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    spectrum /= spectrum.max()
    at = 1_000 * len(heard) // 16_000
    assert spectrum.argmax() == at
    assert np.delete(spectrum, range(at - 4, at + 5)).max() < 0.002
    assert abs(heard.max() - 0.5) < 0.01


async def test_a_tone_above_hearing_does_not_fold_down(page_at: OpenPage) -> None:
    visit = await page_at()
    loudest = await visit.page.evaluate(
        """async () => {
          const { Resampler } = await import("/web/js/audio/resampler.js");
          const at12000 = (_, i) => Math.sin((2 * Math.PI * 12000 * i) / 48000);
          const tone = Float32Array.from({ length: 48000 }, at12000);
          return Math.max(...new Resampler(48000, 16000).push(tone).subarray(1000));
        }"""
    )
    assert loudest < 0.01


async def test_what_is_not_stored_is_sent_again_in_the_order_it_was_made(page_at: OpenPage) -> None:
    visit = await page_at()
    sent = await visit.page.evaluate(
        """async () => {
          const { Uplink } = await import("/web/js/exam/uplink.js");
          const up = new Uplink();
          const told = [];
          const drain = () => {
            for (let item = up.next(); item; item = up.next())
              told.push(item.event ? `${item.event.type}/${item.event.seq}` : item.frame.offsetMs);
            told.push("|");
          };
          const frame = () => new Int16Array(640);
          up.queue({ type: "start" });
          up.record(frame()); // the microphone is off before the start
          drain();
          up.streaming = true;
          up.record(frame());
          up.record(frame());
          up.queue({ type: "commit" });
          up.record(frame());
          drain();
          up.acknowledged(1);
          up.stored(40);
          const whole = up.resume(60, 1); // cut: the server has 60 ms, within the second frame
          drain();
          up.stored(120);
          up.acknowledged(2);
          drain();
          return { told, whole, lost: up.resume(80, 2) };
        }"""
    )
    assert sent["told"] == ["start/1", "|", 0, 40, "commit/2", 80, "|", 40, "commit/2", 80, "|", "|"]
    assert sent["whole"] is True
    assert sent["lost"] is False


async def test_the_microphone_stands_still_when_no_more_can_be_kept(page_at: OpenPage) -> None:
    visit = await page_at()
    kept = await visit.page.evaluate(
        """async () => {
          const { Uplink } = await import("/web/js/exam/uplink.js");
          const up = new Uplink();
          up.streaming = true;
          for (let i = 0; i < 2000; i++) up.record(new Int16Array(640));
          let ahead = 0;
          while (up.next()) ahead++;
          const full = up.positionMs;
          up.stored(1000);
          up.record(new Int16Array(640));
          return { full, ahead, next: up.frames.at(-1).offsetMs };
        }"""
    )
    assert kept == {"full": 30_000, "ahead": 226, "next": 30_000}


async def test_the_close_codes_decide_who_comes_back(page_at: OpenPage) -> None:
    visit = await page_at()
    comes_back = await visit.page.evaluate(
        """async () => {
          const { Reconnect } = await import("/web/js/exam/reconnect.js");
          const rules = () => new Reconnect({ dice: () => 1 });
          const once = (code, welcome) => rules().lost(0, code, welcome);
          const twice = (code) => {
            const r = rules();
            r.lost(0, code);
            r.resumed();
            return r.lost(1, code);
          };
          const waits = () => {
            const r = rules();
            r.lost(0, 1006);
            const all = Array.from({ length: 7 }, () => r.wait(0));
            r.told(20000);
            return [...all, r.wait(0), r.wait(120000)];
          };
          return {
            back: [0, 1006, 1012, 4012, 4400, 4401, 4408, 4429, 4500, 4503].filter((code) => once(code)),
            no: [1000, 4403, 4404, 4409, 4410, 4413].filter((code) => once(code)),
            late: once(4409, true),
            protocol: twice(4400),
            auth: twice(4401),
            waits: waits(),
          };
        }"""
    )
    assert comes_back == {
        "back": [0, 1006, 1012, 4012, 4400, 4401, 4408, 4429, 4500, 4503],
        "no": [],
        "late": True,
        "protocol": False,
        "auth": True,
        "waits": [250, 500, 1000, 2000, 4000, 8000, 8000, 20_000, None],
    }


async def test_a_line_is_heard_when_its_sound_was_and_not_before(page_at: OpenPage) -> None:
    """After a reload the end of a line is told before the rest of its sound; older lines stay silent."""
    visit = await page_at()
    marks = await visit.page.evaluate(
        """async () => {
          const { Voice } = await import("/web/js/exam/voice.js");
          const voice = new Voice();
          await voice.wake();
          const line = (id, stream, ms) => {
            voice.begin({ utterance_id: id, stream_id: stream, sample_rate: 24000 });
            voice.end({ utterance_id: id, duration_ms: ms });
          };
          line("heard long ago", 1, 900);
          line("half heard", 2, 700);
          const early = voice.marks();
          voice.frame({ stream: 2, offsetMs: 400, pcm: new Int16Array(2400) });
          voice.frame({ stream: 2, offsetMs: 450, pcm: new Int16Array(6000) }); // 50 ms of it again
          const told = [];
          while (!told.at(-1)?.done) {
            await new Promise((resolve) => setTimeout(resolve, 20));
            told.push(...voice.marks());
          }
          return [early, told];
        }"""
    )
    early, told = marks
    assert early == []
    assert told[-1] == {
        "type": "playback.mark",
        "utterance_id": "half heard",
        "played_ms": 700,
        "done": True,
    }
    assert {mark["utterance_id"] for mark in told} == {"half heard"}


async def test_a_later_transcript_takes_the_place_of_an_earlier(page_at: OpenPage) -> None:
    visit = await page_at()
    lines = await visit.page.evaluate(
        """async () => {
          const { newStory, tell } = await import("/web/js/exam/story.js");
          const story = newStory();
          const partial = (revision, text, piece = "a") =>
            tell(story, { type: "stt.partial", turn_id: "t", utterance_id: piece, revision, text });
          const final = (text, piece = "a") =>
            tell(story, { type: "stt.final", turn_id: "t", utterance_id: piece, text });
          partial(2, "I live in");
          partial(1, "I");
          const open = { ...story.lines[0] };
          final("I live here.");
          partial(3, "late");
          partial(1, "And", "b");
          final("And work.", "b");
          return [open, story.lines[0]].map(({ text, open }) => [text, open]);
        }"""
    )
    assert lines == [["I live in", True], ["I live here. And work.", False]]


async def test_what_a_user_wrote_is_text_and_never_markup(page_at: OpenPage) -> None:
    visit = await page_at()
    made = await visit.page.evaluate(
        """async () => {
          const { h } = await import("/web/js/dom.js");
          const p = h("p", { title: '"><img src=x>' }, "<img src=x onerror=alert(1)>", ["<b>", null, 0]);
          return [p.children.length, p.textContent, p.title];
        }"""
    )
    assert made == [0, "<img src=x onerror=alert(1)><b>0", '"><img src=x>']


async def test_a_line_without_sound_is_told_until_the_next(page_at: OpenPage) -> None:
    visit = await page_at()
    told = await visit.page.evaluate(
        """async () => {
          const { newStory, tell } = await import("/web/js/exam/story.js");
          const story = newStory();
          const line = (text) => tell(story, { type: "ai.reply", turn_id: text, text, expects_answer: true });
          line("Do you like maps?");
          tell(story, { type: "warning", code: "voice_unavailable" });
          const silent = [story.warning, story.speaking];
          line("Why?");
          return [...silent, story.warning];
        }"""
    )
    assert told == ["voice_unavailable", "Do you like maps?", None]


async def test_a_file_that_breaks_off_half_way_is_a_problem_and_no_file(page_at: OpenPage) -> None:
    visit = await page_at()
    told = await visit.page.evaluate(
        """async () => {
          const { api } = await import("/web/js/api.js");
          let pieces = 0;
          const half = () =>
            new ReadableStream({
              pull(body) {
                if (pieces++) body.error(new TypeError("network error"));
                else body.enqueue(new Uint8Array(9));
              },
            });
          window.fetch = async () => new Response(half());
          return api.blob("users/me/export").then((file) => file.size, (problem) => problem.code);
        }"""
    )
    assert told == "unreachable"


async def test_sound_kept_on_the_disk_is_the_learners_own_and_goes_when_it_is_stored(
    page_at: OpenPage,
) -> None:
    visit = await page_at(user="kept-sound")
    kept = await visit.page.evaluate(
        """async () => {
          const { UnstoredSound, forgetOld } = await import("/web/js/exam/unstored.js");
          const { localStore } = await import("/web/js/local_store.js");
          const { Uplink } = await import("/web/js/exam/uplink.js");
          const session = await import("/web/js/session.js");
          const frames = (from, to) =>
            Array.from({ length: (to - from) / 40 }, (_, i) => ({
              offsetMs: from + 40 * i, pcm: new Int16Array(640).fill(i),
            }));
          const begins = async (id) => (await new UnstoredSound(id).load()).map((frame) => frame.offsetMs);
          const raw = localStore("speakmate-sound", "frames", ["session", "offsetMs"]);
          const anybodys = () => raw("readonly", (store) => store.count());
          const told = {};
          const sound = new UnstoredSound("one");
          await sound.load();
          sound.keep(frames(400, 600));
          sound.keep(frames(480, 680)); // the same again and two more
          told.all = await begins("one");
          sound.stored(500); // within the frame at 480
          told.left = await begins("one");
          told.other = await begins("two");
          const next = await new UnstoredSound("one").load();
          const up = (fromMs) => new Uplink({ fromMs, kept: next });
          told.goesOn = [up(500).frames[0].offsetMs, up(500).positionMs];
          told.gap = [up(300).frames.length, up(300).positionMs];
          told.stale = [up(9000).frames.length, up(9000).positionMs];
          await session.becomeSample("somebody else");
          told.others = await begins("one");
          await forgetOld(Date.now() + 60_000);
          session.leaveSample();
          told.mine = (await begins("one")).length;
          await forgetOld(Date.now() + 3_600_000);
          told.old = await begins("one");
          sound.keep(frames(680, 720));
          told.again = await begins("one");
          session.signOut();
          while (await anybodys()) await new Promise((resolve) => setTimeout(resolve, 20));
          return told;
        }"""
    )
    assert kept == {
        "all": list(range(400, 680, 40)),
        "left": list(range(480, 680, 40)),
        "other": [],
        "goesOn": [480, 680],
        "gap": [0, 300],
        "stale": [0, 9000],
        "others": [],
        "mine": 5,
        "old": [],
        "again": [680],
    }


async def test_dates_in_uzbek_have_names_of_months_and_days(page_at: OpenPage) -> None:
    visit = await page_at(language="uz")
    dates = await visit.page.evaluate(
        """async () => {
          const { formatDate } = await import("/web/js/i18n.js");
          const at = "2026-11-23T20:35:07Z";
          const timeZone = "Asia/Tashkent"; // the next day there
          return [
            formatDate(at, { dateStyle: "medium", timeZone }),
            formatDate(at, { dateStyle: "long", timeStyle: "short", timeZone }),
            formatDate(at, { weekday: "short", day: "numeric", month: "short", timeZone }),
            formatDate(at, { day: "numeric", month: "long", timeZone: "UTC" }),
          ];
        }"""
    )
    assert dates == ["24-noyabr 2026", "24-noyabr 2026, 01:35", "24-noy, seshanba", "23-noyabr"]
