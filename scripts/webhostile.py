"""Names that would be markup on every page of the workbench, used by check-web: none of them becomes an element or a script."""
import json, os, re, subprocess, tempfile

import docsworld, webserver

MARK = '<img src=x class=hostile onerror="window.hacked=1"><script>window.hacked=2</script>'
SMI = "GPU 0: %s (UUID: GPU-5e1b0c9a-0000-0000-0000-000000000000)\n" % MARK


def make_home(program, home):
    """A home whose runs, models, profiles and logs are called by the mark."""
    environment = {"HOME": home, "PLIMSOLL_HOME": os.path.join(home, "plimsoll"), "HF_HUB_OFFLINE": "1"}
    for seed in (1, 2):
        run = {**docsworld.measured(seed, 0.0125), "model_id": "org/" + MARK, "tokenizer_id": MARK}
        path = os.path.join(home, "run-%d.json" % seed)
        with open(path, "w") as file:
            json.dump(run, file)
        subprocess.run([program, "runs", "import", path, "--tag", MARK], env={**os.environ, **environment}, check=True,
                       stdout=subprocess.DEVNULL)
    models = os.path.join(home, "plimsoll", "data", "models")
    os.makedirs(models, mode=0o700)
    docsworld.gguf(os.path.join(models, "<img class=hostile src=x>.gguf"), MARK, docsworld.TINY, "Q8_0")
    profiles = os.path.join(home, "plimsoll", "config", "profiles")
    os.makedirs(profiles, mode=0o700)
    with open(os.path.join(profiles, "<img class=hostile src=x>.yaml"), "w") as file:
        file.write("name: %s\n" % json.dumps(MARK))
    return environment


def hold(browser, where, problems):
    browser.driver.get_log("browser")
    found = browser.driver.execute_script(
        "return [window.hacked, ...[...document.querySelectorAll('.hostile, img[src=x]')].map(one => one.outerHTML)].filter(Boolean)")
    problems.extend("%s: a name became %s" % (where, one) for one in found)


def look(program, open_browser, problems):
    with tempfile.TemporaryDirectory() as home:
        environment = make_home(program, home)
        server = webserver.Server(program, home, environment=environment)
        browser = open_browser()
        try:
            browser.driver.get(server.link)
            browser.wait("document.getElementById('content').dataset.shown === 'machine'", "the first page")
            asked = "plan?model=%3Cimg%20class%3Dhostile%20src%3Dx%3E.gguf"
            pages = [name for name in browser.driver.execute_script(
                "return [...document.querySelectorAll('nav a')].map(one => one.hash.slice(1))") if name]
            for page in pages + [asked, "plan?model=%3Cimg%20class%3Dhostile%20src%3Dx%3E", "runs?run=%3Cimg%20class%3Dhostile%3E"]:
                browser.show(page)
                hold(browser, page, problems)
            # The names are there, as text.
            browser.show(asked)
            browser.wait("document.querySelector('main').innerText.includes('<img')", "a plan of a model called <img")
            browser.show("runs")
            browser.wait("document.querySelector('main').innerText.includes('<img')", "runs of a model called <img")
            for box in browser.driver.find_elements("css selector", "main td input[type=checkbox]")[:2]:
                box.click()
            browser.click("Compare")
            browser.wait("document.querySelector('main iframe') !== null", "a comparison")
            hold(browser, "a comparison", problems)
            browser.driver.switch_to.frame(browser.driver.find_element("css selector", "main iframe"))
            browser.wait("document.querySelector('h1') !== null", "a report")
            browser.wait("document.body.innerText.includes('<img')", "a report on a model called <img")
            hold(browser, "a report", problems)
            browser.driver.switch_to.default_content()
            browser.show("recommend")
            browser.driver.execute_script(
                "const data = new DataTransfer(); data.items.add(new File([arguments[0]], arguments[1]));"
                "document.querySelector('main .drop').dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}))",
                SMI, "<img class=hostile src=x>")
            browser.wait("!document.querySelector('main .busy') && document.querySelector('main').innerText.includes('<img')",
                         "a machine whose GPU is called <img", 60)
            hold(browser, "a dropped machine", problems)
        finally:
            browser.driver.quit()
            server.end()
    print("names that are markup: nothing became an element")
