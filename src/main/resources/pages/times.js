// Shows moments in the zone of whoever looks, today's with their age, and in UTC where one points at them; folds filters on phones.
const MOMENT = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ|(?<![\d:])\d\d:\d\dZ/g; // as PageTemplates and HistoryTab write them
const two = (n) => String(n).padStart(2, '0');
const day = (at) => [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
const minute = (at) => `${two(at.getHours())}:${two(at.getMinutes())}`;

function age(at, now) {
  const seconds = Math.round(Math.abs(now - at) / 1000);
  const amount = seconds < 60 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return seconds >= 3600 ? '' : at > now ? `, in ${amount}` : `, ${amount} ago`;
}

function words(at, isPrecise) {
  const now = new Date();
  const time = `${minute(at)}:${two(at.getSeconds())}`;
  return day(at) === day(now) ? time + (isPrecise ? '' : age(at, now)) : `${day(at)} ${time}`;
}

// Without a date it is of the last 24 hours.
function moment(text) {
  if (text.length > 6) return new Date(text.replace(' ', 'T'));
  const at = new Date(`${new Date().toISOString().slice(0, 10)}T${text}`);
  return at > new Date() ? new Date(at - 86400000) : at;
}

function element(text) {
  const time = document.createElement('time');
  time.dateTime = moment(text).toISOString();
  time.title = `${text.replace('Z', '')} UTC`;
  time.textContent = text;
  return time;
}

function localize() {
  const main = document.querySelector('main');
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  for (const node of nodes) {
    const moments = node.data.match(MOMENT);
    if (!moments || node.parentElement.closest('pre, code, time[title]')) continue;
    if (node.parentElement.closest('svg, .times')) {
      node.data = node.data.replace(MOMENT, (text) => minute(moment(text)));
      continue;
    }
    const texts = node.data.split(MOMENT);
    node.replaceWith(...texts.flatMap((text, i) => (i < moments.length ? [text, element(moments[i])] : [text])));
  }
  for (const time of main.querySelectorAll('time[title]')) {
    const shown = words(new Date(time.dateTime), time.closest('.story, .attempts'));
    if (time.textContent !== shown) time.textContent = shown;
  }
}

localize();
new MutationObserver(localize).observe(document.querySelector('main'), { childList: true }); // live.js has shown the page anew
setInterval(localize, 30000);
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
if (timeZone !== 'UTC') {
  document.getElementById('zone').textContent = `Times are in ${timeZone}: point at one to see it in UTC. Fields take UTC.`;
}
const phone = matchMedia('(max-width: 40rem)');
const fold = () => {
  const open = !phone.matches || !document.querySelector('main table'); // nothing to make room for
  document.querySelectorAll('.filters').forEach((filters) => (filters.open = open));
};
fold();
phone.addEventListener('change', fold);
