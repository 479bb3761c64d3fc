// The script of the page that checks the squares of a printed summary (docs/findings.md). A square is there as the address that
// it holds, its signed text behind the #, or as what a scanner types. Nothing is sent, nothing is stored in the browser.
(() => {
  const SQUARE = /(eyJ[\w-]+)\.([\w-]+)\.([\w-]{86})/;
  const german = document.documentElement.lang === "de";
  const word = (name) => told.dataset[name];
  // What was read of each paper, by its finding and the moment of printing.
  const papers = new Map();

  // Scanners pretend to be keyboards: one that believes in another layout than the computer's types these for those.
  const otherKeyboard = (typed) =>
    typed.replace(/[yzYZß/?]/g, (c) => ({ y: "z", z: "y", Y: "Z", Z: "Y", "ß": "-", "/": "-", "?": "_" })[c]);

  const inflated = async (packed) => {
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return JSON.parse(await new Response(stream).text());
  };

  const key = async () => {
    const raw = Uint8Array.from(word("key").match(/../g), (pair) => parseInt(pair, 16));
    try {
      return await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
    } catch {
      throw "old";
    }
  };

  const headOf = (part) => {
    try {
      return JSON.parse(new TextDecoder().decode(bytes(part)));
    } catch {
      return {};
    }
  };

  // The claims of a square (RFC 7515, RFC 8037), if the signature is this server's.
  const checked = async (typed) => {
    let why = "none";
    for (const tried of [typed, otherKeyboard(typed)]) {
      const [, header, claims, signature] = SQUARE.exec(tried) || [];
      const { alg, typ, zip, kid } = header ? headOf(header) : {};
      if (alg !== "EdDSA" || typ !== "nahraum-summary+jwt" || zip !== "DEF") continue;
      why = "stranger";
      if (kid !== word("key")) continue;
      why = "wrong";
      const signed = new TextEncoder().encode(`${header}.${claims}`);
      if (await crypto.subtle.verify("Ed25519", await key(), bytes(signature), signed)) return inflated(bytes(claims));
    }
    throw why;
  };

  const day = (date) => date.toLocaleDateString(german ? "de-DE" : "en-GB", { day: "numeric", month: "long", year: "numeric" });
  const number = (value) => (german && /^\D*\d+\.\d+$/.test(value) ? value.replace(".", ",") : value);
  const mark = (flag) => flag && flag !== "N" ? word(/^H/.test(flag) ? "high" : /^L/.test(flag) ? "low" : "odd") : "";
  const state = (status) =>
    word({ partial: "preliminary", preliminary: "preliminary", amended: "corrected", corrected: "corrected", cancelled: "withdrawn", "entered-in-error": "withdrawn" }[status]) || "";

  const values = (rows) => {
    const table = make("table");
    const head = table.createTHead().insertRow();
    for (const name of ["what", "value"]) head.append(make("th", word(name)));
    const body = table.createTBody();
    for (const [name, result, unit, , flag] of rows) {
      const [row, odd] = [body.insertRow(), mark(flag)];
      if (odd) row.className = "flagged";
      const title = make("th", name);
      title.scope = "row";
      row.append(title, make("td", [number(result || ""), unit, odd && `(${odd})`].filter(Boolean).join(" ")));
    }
    return table;
  };

  const sheet = ({ claims, parts, count }) => {
    const article = make("article", "", "sheet");
    article.append(make("h2", claims.title || claims.practice));
    const facts = [day(new Date(claims.date + "T12:00:00")), claims.title && claims.practice, state(claims.status)];
    article.append(make("p", facts.filter(Boolean).join(" · "), "small"));
    if (count > 1) article.append(make("p", word("part").replace("{read}", parts.size).replace("{all}", count), "small"));
    const inOrder = [...parts].sort(([one], [other]) => one - other);
    article.append(values(inOrder.flatMap(([, rows]) => rows)));
    const signed = word("signed").replace("{when}", day(new Date(claims.iat * 1000))).replace("{who}", claims.iss);
    article.append(make("p", signed, "note"), make("p", word("compare"), "small"));
    return article;
  };

  const keep = (claims) => {
    const [part, count] = claims.part || [1, 1];
    const id = `${claims.finding} ${claims.iat}`;
    const paper = papers.get(id) || { claims, count, parts: new Map() };
    const known = paper.parts.has(part);
    paper.parts.set(part, claims.values);
    papers.delete(id);
    papers.set(id, paper);
    at("papers").replaceChildren(...[...papers.values()].reverse().map(sheet));
    return known ? "again" : "good";
  };

  const take = async (typed) => {
    at("check").disabled = true;
    try {
      say(word(keep(await checked(typed))));
    } catch (why) {
      say(word(typeof why === "string" ? why : "none"), true);
    }
    at("check").disabled = false;
  };

  const takeAddress = () => {
    if (location.hash.length < 2) return;
    const square = location.hash;
    // Whoever looks over the shoulder, or into the history, does not find the values.
    history.replaceState(null, "", location.pathname);
    take(square);
  };

  at("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = at("square").value;
    at("square").value = "";
    at("square").focus();
    take(typed);
  });
  addEventListener("hashchange", takeAddress);
  takeAddress();
})();
