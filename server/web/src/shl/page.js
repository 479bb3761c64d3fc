// The script of the page that opens links (HL7 SMART Health Links). The link stands behind the # of the address, which browsers
// keep to themselves; what comes is decrypted here. Nothing is stored in the browser.
(() => {
  const german = document.documentElement.lang === "de";
  const word = (name) => told.dataset[name];

  const link = () => {
    const found = /^#?shlink:\/([A-Za-z0-9_-]+)$/.exec(decodeURIComponent(location.hash));
    if (!found) throw word("none");
    let said;
    try {
      said = JSON.parse(new TextDecoder().decode(bytes(found[1])));
    } catch {
      throw word("none");
    }
    if ((said.v || 1) !== 1 || (said.flag || "").includes("U")) throw word("newer");
    if (new URL(said.url).origin !== location.origin) throw word("elsewhere");
    if (said.exp && said.exp * 1000 <= Date.now()) throw word("over");
    return said;
  };

  // RFC 7516: the first part is authenticated as it stands there.
  const decrypt = async (jwe, key) => {
    const [header, none, nonce, text, tag] = jwe.trim().split(".");
    const { alg, enc, zip } = JSON.parse(new TextDecoder().decode(bytes(header)));
    if (alg !== "dir" || enc !== "A256GCM" || zip || none) throw word("newer");
    const sealed = new Uint8Array([...bytes(text), ...bytes(tag)]);
    const how = { name: "AES-GCM", iv: bytes(nonce), additionalData: new TextEncoder().encode(header) };
    const plain = await crypto.subtle.decrypt(how, key, sealed);
    // Numbers keep their digits where the browser can: 5.10 says more than 5.1.
    return JSON.parse(new TextDecoder().decode(plain), (_, value, context) => (typeof value === "number" && context && context.source) || value);
  };

  const number = (value) => (value === undefined ? "" : german ? String(value).replace(".", ",") : String(value));
  const concept = (one) => one && (one.text || (one.coding || []).map((code) => code.display || code.code).join(", "));
  const quantity = (one) => one && [one.comparator, number(one.value), one.unit].filter(Boolean).join(" ");
  const day = (text) => {
    const date = text && new Date(text.length === 10 ? text + "T12:00:00" : text);
    return date && !isNaN(date) ? date.toLocaleDateString(german ? "de-DE" : "en-GB", { day: "numeric", month: "long", year: "numeric" }) : "";
  };

  const value = (one) =>
    quantity(one.valueQuantity) || one.valueString || concept(one.valueCodeableConcept) ||
    (one.valueRange && [quantity(one.valueRange.low), quantity(one.valueRange.high)].filter(Boolean).join(" – ")) ||
    (one.valueRatio && [quantity(one.valueRatio.numerator), quantity(one.valueRatio.denominator)].join(" : ")) || "–";

  const range = (one) =>
    (one.referenceRange || []).map((r) => {
      const [low, high] = [r.low, r.high].map((limit) => limit && number(limit.value));
      // Said once is enough; the limits may have it as a code.
      const { unit: said, code } = one.valueQuantity || {};
      const unit = [said, code].includes((r.low || r.high || {}).unit) ? "" : (r.low || r.high || {}).unit;
      const limits = low && high ? `${low} – ${high}` : low ? `≥ ${low}` : high ? `≤ ${high}` : "";
      return limits ? [limits, unit].filter(Boolean).join(" ") : r.text || "";
    }).filter(Boolean).join("; ");

  const mark = (one) => {
    const codes = (one.interpretation || []).flatMap((i) => i.coding || []).map((code) => code.code).filter((code) => code && code !== "N");
    return codes.map((code) => word({ H: "high", HH: "high", L: "low", LL: "low" }[code] || "odd")).join(", ");
  };

  const values = (all) => {
    const table = make("table");
    const head = table.createTHead().insertRow();
    for (const name of ["what", "value", "range"]) head.append(make("th", word(name)));
    const body = table.createTBody();
    for (const one of all) {
      const [row, odd] = [body.insertRow(), mark(one)];
      if (odd) row.className = "flagged";
      const name = make("th", concept(one.code));
      name.scope = "row";
      const cell = make("td", range(one), "range");
      cell.dataset.head = word("range");
      row.append(name, make("td", value(one) + (odd ? ` (${odd})` : "")), cell);
    }
    return table;
  };

  const sheet = (bundle) => {
    const of = (type) => bundle.entry.map((entry) => entry.resource).filter((resource) => resource.resourceType === type);
    const [composition] = of("Composition");
    const main = of("DiagnosticReport")[0] || of("DocumentReference")[0] || {};
    const article = make("article", "", "sheet");
    article.append(make("h2", composition.title));
    const when = day(main.effectiveDateTime || composition.date);
    const from = (of("Organization")[0] || {}).name;
    article.append(make("p", [when, from, ((main.performer || main.author || [])[0] || {}).display].filter((part, i, all) => part && all.indexOf(part) === i).join(" · "), "small"));
    const observations = of("Observation");
    if (observations.length) article.append(values(observations));
    for (const extension of main.extension || []) {
      if (extension.valueAnnotation) article.append(make("p", extension.valueAnnotation.text, "note"));
    }
    for (const binary of of("Binary")) {
      const file = make("a", word("document"), "deed");
      const data = bytes(binary.data);
      file.href = URL.createObjectURL(new Blob([data], { type: binary.contentType }));
      file.download = (composition.title || "document").replace(/[^\p{L}\p{N} ._-]/gu, "_") + (({ "application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png" })[binary.contentType] || "");
      article.append(file);
    }
    return article;
  };

  const open = async (said) => {
    const request = { recipient: at("recipient").value.trim() };
    const passcode = at("passcode").value;
    if (passcode) request.passcode = passcode;
    const headers = { "content-type": "application/json", "accept-language": document.documentElement.lang };
    const reply = await fetch(said.url, { method: "POST", headers, body: JSON.stringify(request), credentials: "omit" });
    const answer = await reply.json();
    if (reply.status === 401) throw word("wrong").replace("{left}", answer.remainingAttempts);
    if (reply.status === 404) throw word("gone");
    if (!reply.ok) throw answer.title || word("failed");
    const key = await crypto.subtle.importKey("raw", bytes(said.key), "AES-GCM", false, ["decrypt"]);
    const sheets = [];
    for (const file of answer.files) {
      say(`${word("wait")} ${sheets.length + 1}/${answer.files.length}`);
      const jwe = file.embedded || (await fetch(file.location, { credentials: "omit" }).then((got) => (got.ok ? got.text() : Promise.reject(word("gone")))));
      sheets.push(sheet(await decrypt(jwe, key)));
    }
    at("form").hidden = true;
    at("intro").hidden = true;
    at("findings").replaceChildren(...sheets);
    say(word("shown").replace("{count}", sheets.length));
  };

  // Another link is another matter: nothing of the one before may stay.
  addEventListener("hashchange", () => location.reload());
  let said;
  try {
    said = link();
  } catch (problem) {
    say(typeof problem === "string" ? problem : word("none"), true);
    return;
  }
  // Whoever looks over the shoulder, or into the history, does not find the key.
  history.replaceState(null, "", location.pathname);
  if (said.label) at("label").textContent = said.label;
  at("secret").hidden = !(said.flag || "").includes("P");
  at("passcode").required = !at("secret").hidden;
  at("form").hidden = false;
  at("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    at("send").disabled = true;
    say(word("wait"));
    try {
      await open(said);
    } catch (problem) {
      say(typeof problem === "string" ? problem : word("failed"), true);
    }
    at("send").disabled = false;
  });
})();
