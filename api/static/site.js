// The as-of slider: says the day while it is moved, asks for it when it is let go. Without script the date field does the same.
document.addEventListener("input", function (event) {
  var slider = event.target;
  if (!slider.matches("input[data-days]")) return;
  var day = new Date(Number(slider.value) * 86400000);
  var words = new Intl.DateTimeFormat(document.documentElement.lang === "en" ? "en-GB" : "zh-CN",
    { dateStyle: "long", timeZone: "UTC" }).format(day);
  slider.setAttribute("aria-valuetext", words);
  var form = slider.form;
  form.querySelector(".spelled").textContent = words;
  form.querySelector("input[name=effective_on]").value = day.toISOString().slice(0, 10);
});
