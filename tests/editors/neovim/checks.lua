-- Neovim (0.7 or newer), headless: a finding, its hover, its fix, and typing, as a user meets them.
--   nvim --headless --clean -c 'luafile checks.lua'
-- GRADGUARD_PROGRAM: the program and what is expected of it (JSON); GRADGUARD_SERVER: the server's command line (JSON).
local program = vim.fn.json_decode(os.getenv("GRADGUARD_PROGRAM"))
local server = vim.fn.json_decode(os.getenv("GRADGUARD_SERVER"))
local SECONDS = 60

local function say(text)
  io.stdout:write(text .. "\n")
end

local function wait(what, test)
  if not vim.wait(SECONDS * 1000, test, 20) then
    error("never: " .. what)
  end
  say("ok: " .. what)
end

local function expect(what, actual, expected)
  if not vim.deep_equal(actual, expected) then
    error(what .. ": " .. vim.inspect(actual) .. ", expected " .. vim.inspect(expected))
  end
end

local function run()
  local folder = vim.fn.tempname()
  vim.fn.mkdir(folder, "p")
  vim.fn.writefile(vim.split(program.text, "\n"), folder .. "/train.py")
  vim.cmd("edit " .. folder .. "/train.py")
  local buffer = vim.api.nvim_get_current_buf()
  local id = vim.lsp.start_client({ name = "gradguard", cmd = server, root_dir = folder })
  vim.lsp.buf_attach_client(buffer, id)
  local client = vim.lsp.get_client_by_id(id)

  -- Hints are not what is checked here.
  local function findings()
    return vim.diagnostic.get(buffer, { severity = { min = vim.diagnostic.severity.WARN } })
  end
  local function line(number)
    return vim.api.nvim_buf_get_lines(buffer, number, number + 1, false)[1]
  end

  wait("one finding", function()
    return #findings() == 1
  end)
  local finding = findings()[1]
  expect("its place", { finding.lnum, finding.col, finding.end_lnum, finding.end_col }, {
    program.line,
    program.start,
    program.line,
    program["end"],
  })
  expect("its code", finding.code or finding.user_data.lsp.code, program.code)

  vim.api.nvim_win_set_cursor(0, { program.line + 1, program.start })
  vim.lsp.buf.hover()
  local function hover()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= "" then
        return window
      end
    end
  end
  wait("a hover", hover)
  local text = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(hover()), 0, -1, false), "\n")
  if not text:find(program.hover, 1, true) then
    error("the hover says: " .. text)
  end
  vim.api.nvim_win_close(hover(), true)

  -- The menu of actions: the user takes the first.
  vim.ui.select = function(items, _, choose)
    choose(items[1], 1)
  end
  vim.lsp.buf.code_action({ apply = true })
  wait("the fix in the buffer", function()
    return line(program.line) == program.fixed
  end)
  wait("no finding after the fix", function()
    return #findings() == 0
  end)

  vim.cmd("undo")
  wait("the finding after undo", function()
    return #findings() == 1
  end)
  vim.api.nvim_buf_set_lines(buffer, 0, 0, false, { "# 🔥" })
  wait("the finding one line down", function()
    return #findings() == 1 and findings()[1].lnum == program.line + 1
  end)

  client.stop()
  wait("the server has ended", function()
    return client.is_stopped()
  end)
end

local passed, problem = xpcall(run, debug.traceback)
if not passed then
  say("failed: " .. problem)
  vim.cmd("cquit 1")
end
say("all checks passed")
vim.cmd("qall!")
