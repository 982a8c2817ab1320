;;; checks.el --- Emacs (28 or newer) with eglot, in batch  -*- lexical-binding: t -*-

;; A finding, its hover, its fix, and typing, as a user meets them.
;;   emacs --batch -l checks.el
;; GRADGUARD_PROGRAM: the program and what is expected of it (JSON); GRADGUARD_SERVER: the server's command line (JSON).

;;; Code:
(require 'package)
(package-initialize)
(require 'cl-lib)
(require 'eglot)
(require 'flymake)
(require 'json)
(require 'python)

(defconst checks-program (json-parse-string (getenv "GRADGUARD_PROGRAM") :object-type 'alist))
(defconst checks-server (append (json-parse-string (getenv "GRADGUARD_SERVER")) nil))
(defconst checks-seconds 60)

(setq eglot-autoshutdown t
      eglot-sync-connect 60
      eglot-confirm-server-initiated-edits nil
      eglot-send-changes-idle-time 0.1
      eglot-server-programs `((python-mode . ,checks-server)))

(defun checks-say (&rest arguments)
  (princ (concat (apply #'format arguments) "\n")))

(defun checks-expected (key)
  (alist-get key checks-program))

(defun checks-fail (&rest arguments)
  (checks-say "failed: %s" (apply #'format arguments))
  (checks-say "%s" (with-current-buffer (get-buffer-create "*Messages*") (buffer-string)))
  (kill-emacs 1))

(defun checks-wait (what test)
  "Let timers and processes run until TEST gives something, and give that."
  (let ((from (float-time)) (value nil))
    (while (and (not (setq value (funcall test)))
                (< (- (float-time) from) checks-seconds))
      (accept-process-output nil 0.02)
      ;; Without a command loop the idle timer by which eglot sends changes never fires.
      (when eglot--managed-mode (eglot--signal-textDocument/didChange)))
    (unless value (checks-fail "never: %s" what))
    (checks-say "ok: %s" what)
    value))

(defun checks-findings ()
  "Errors and warnings; hints are not what is checked here."
  (seq-filter (lambda (one) (memq (flymake-diagnostic-type one) '(eglot-error eglot-warning)))
              (flymake-diagnostics)))

(defun checks-line (number)
  "The text of the 0-based line NUMBER."
  (save-excursion
    (goto-char (point-min))
    (forward-line number)
    (buffer-substring-no-properties (line-beginning-position) (line-end-position))))

(let* ((folder (file-name-as-directory (make-temp-file "gradguard" t)))
       (file (expand-file-name "train.py" folder)))
  (write-region (checks-expected 'text) nil file)
  (make-directory (expand-file-name ".git" folder)) ; makes the folder a project
  (find-file file)
  (python-mode)
  (apply #'eglot--connect (eglot--guess-contact))
  (checks-wait "eglot manages the buffer" (lambda () eglot--managed-mode))
  (flymake-mode 1)
  (flymake-start)

  (checks-wait "one finding" (lambda () (= 1 (length (checks-findings)))))
  (let* ((finding (car (checks-findings)))
         (beginning (flymake-diagnostic-beg finding))
         (place (list (1- (line-number-at-pos beginning))
                      (save-excursion (goto-char beginning) (current-column))
                      (- (flymake-diagnostic-end finding) beginning)))
         (expected (list (checks-expected 'line)
                         (checks-expected 'start)
                         (- (checks-expected 'end) (checks-expected 'start)))))
    (unless (equal place expected)
      (checks-fail "the finding is at %S, expected %S" place expected))
    (goto-char beginning))

  (let (said)
    (eglot-hover-eldoc-function (lambda (text &rest _) (setq said (substring-no-properties text))))
    (checks-wait "a hover" (lambda () said))
    (unless (string-match-p (regexp-quote (checks-expected 'hover)) said)
      (checks-fail "the hover says: %s" said)))

  ;; The menu of actions: the user presses RET, which takes the preferred one.
  (cl-letf (((symbol-function 'completing-read) (lambda (&rest arguments) (nth 6 arguments)))
            (last-nonmenu-event ?\r))
    (let ((bounds (eglot--region-bounds)))
      (eglot-code-actions (car bounds) (cadr bounds) nil t)))
  (checks-wait "the fix in the buffer"
               (lambda () (equal (checks-line (checks-expected 'line)) (checks-expected 'fixed))))
  (checks-wait "no finding after the fix" (lambda () (null (checks-findings))))

  (goto-char (point-min))
  (search-forward (checks-expected 'fixed))
  (replace-match "y += 1" t t)
  (checks-wait "the finding after typing the write again" (lambda () (= 1 (length (checks-findings)))))

  (set-buffer-modified-p nil)
  (let ((server (eglot-current-server)))
    (eglot-shutdown server)
    (checks-wait "the server has ended" (lambda () (not (jsonrpc-running-p server)))))
  (delete-directory folder t))
(checks-say "all checks passed")
;;; checks.el ends here
