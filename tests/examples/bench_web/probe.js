// Runs before anything of the page. It looks at the page from outside: frames, sockets, memory, and when text is
// painted. A frame is painted when the task after it runs.
(() => {
    const ROW = '[data-testid=fleet-row]:not([hidden])';
    const clock = () => performance.timeOrigin + performance.now();

    let running = 0;
    let intervals = [];
    let last = null;
    let afterFrame = [];
    const painted = new MessageChannel();
    painted.port1.onmessage = () => {
        const at = clock();
        for (const tell of afterFrame.splice(0)) tell(at);
    };
    const frame = at => {
        if (running === 0) {
            last = null;
            return;
        }
        if (last !== null) intervals.push(at - last);
        last = at;
        painted.port2.postMessage(null);
        requestAnimationFrame(frame);
    };
    const drawFrames = () => {
        if (running++ === 0) requestAnimationFrame(frame);
    };
    const rest = () => running--;
    const seconds = count => new Promise(done => setTimeout(done, count * 1000));

    // Frames of so many seconds.
    const record = async duration => {
        drawFrames();
        intervals = [];
        await seconds(duration);
        rest();
        return intervals;
    };

    // When an element with text is painted.
    const whenPainted = selector => new Promise(done => {
        const there = () => [...document.querySelectorAll(selector)].some(element => element.textContent.trim());
        const look = () => {
            if (!there()) return false;
            changes.disconnect();
            afterFrame.push(at => { rest(); done(at); });
            return true;
        };
        const changes = new MutationObserver(look);
        drawFrames();
        if (!look()) changes.observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
    });

    // Every number that an element shows for so many seconds, with the time at which it was painted.
    const watchNumbers = async (selector, duration) => {
        const seen = [];
        let shown = null;
        const changes = new MutationObserver(() => {
            const text = document.querySelector(selector)?.textContent.match(/\d{13}\.\d{3}/)?.[0];
            if (text && text !== shown) {
                shown = text;
                afterFrame.push(at => seen.push([Number(text), at]));
            }
        });
        drawFrames();
        intervals = [];
        changes.observe(document.body, { childList: true, subtree: true, characterData: true });
        await seconds(duration);
        changes.disconnect();
        rest();
        return { seen, intervals };
    };

    const scrollBox = () => {
        let element = document.querySelector(ROW);
        while (element && !(element.scrollHeight > element.clientHeight + 1
            && ['auto', 'scroll'].includes(getComputedStyle(element).overflowY))) element = element.parentElement;
        return element ?? document.scrollingElement;
    };

    // Scrolls so far in each frame, and counts the frames in which a row on the screen had no text yet.
    const scroll = async (step, duration) => {
        const box = scrollBox();
        const edges = box.getBoundingClientRect();
        let [frames, empty, scrolling] = [0, 0, true];
        const isEmpty = row => {
            const { top, bottom } = row.getBoundingClientRect();
            const awaited = row.ariaBusy === 'true' || !row.querySelector('a')?.textContent.trim();
            return bottom > edges.top && top < edges.bottom && awaited;
        };
        const look = () => {
            if (!scrolling) return;
            frames += 1;
            const rows = [...document.querySelectorAll(ROW)];
            if (rows.length === 0 || rows.some(isEmpty)) empty += 1;
            afterFrame.push(look);
        };
        const move = () => {
            if (!scrolling) return;
            if (box.scrollTop + box.clientHeight + step > box.scrollHeight) box.scrollTop = 0;
            box.scrollTop += step;
            requestAnimationFrame(move);
        };
        afterFrame.push(look);
        requestAnimationFrame(move);
        const intervals = await record(duration);
        scrolling = false;
        return { intervals, frames, empty, height: box.scrollHeight };
    };

    const memories = [];
    for (const name of ['instantiate', 'instantiateStreaming']) {
        const original = WebAssembly[name];
        WebAssembly[name] = async (...given) => {
            const made = await original.apply(WebAssembly, given);
            const exported = (made.instance ?? made).exports;
            if (exported?.memory) memories.push(exported.memory);
            return made;
        };
    }

    const frames = { count: 0, bytes: 0, lagged: 0, missed: 0, fleet_at: null };
    const varint = bytes => {
        let value = 0;
        for (let at = 1; at < bytes.length; at++) {
            value += (bytes[at] & 127) * 128 ** (at - 1);
            if (bytes[at] < 128) break;
        }
        return value;
    };
    window.WebSocket = class extends WebSocket {
        constructor(...given) {
            super(...given);
            this.addEventListener('message', ({ data }) => {
                if (!(data instanceof ArrayBuffer)) return;
                const bytes = new Uint8Array(data);
                frames.count += 1;
                frames.bytes += bytes.length;
                if (bytes[0] === window.probe.kinds.fleet) frames.fleet_at ??= clock();
                if (bytes[0] === window.probe.kinds.lagged) {
                    frames.lagged += 1;
                    frames.missed += varint(bytes);
                }
            });
        }
    };

    window.probe = {
        kinds: {}, frames, clock, record, scroll, watchNumbers, whenPainted,
        wasmBytes: () => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
        firstRow: whenPainted(`${ROW} a`),
    };
})();
