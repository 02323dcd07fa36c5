# Texts of the hosted pages, in English. The Arabic file has the same messages.
#
# The server fills in consent-*, agree-*, closed-* and badge-*. All others are handed to the page's scripts as they stand: they
# have no selectors, and their only placeables are $seconds, $minutes, $left, $number, $total and $tenant.

## The text that consent is given to. Whoever changes a message of this group changes the version, in both files.

consent-version = 2026-11.3
consent-title = Show that you are there
consent-who = { $tenant } asks you for a short check.
consent-why = It finds out whether a live person is in front of the camera. It does not find out who you are.
consent-how = You look into the camera for about ten seconds. You follow the light of your screen, and you move your head.
consent-kept-title = What is kept
consent-kept-none = The pictures are deleted as soon as they have been judged.
consent-kept-days =
    { $days ->
        [one] Some pictures of the check are kept for one day, encrypted, and then deleted.
       *[other] Some pictures of the check are kept for { $days } days, encrypted, and then deleted.
    }
consent-kept-numbers = These are kept without a fixed end, until { $tenant } has them deleted: the result, what the page asked you to do, what was measured in the pictures, what the browser says of the camera (its name, size and rate), whether a program drives the browser, a check number of this page's cookie, and your answer on this page.
consent-preview = Of what the camera shows before you start, no picture is kept.
consent-preview-kept = Of what the camera shows before you start, only pictures of the last one to two seconds are kept.
consent-more = More about this check
consent-more-steps = First you see yourself and place your face. Then the check itself runs. After that you see the result here.
consent-more-automatic = A program judges the pictures. If it cannot tell, you can try again: three attempts in all, within ten minutes.
consent-more-repeats = Of each picture of the check a check number is kept for 90 days. It shows when a recording is played again. The picture cannot be made from it.
consent-more-browser = A cookie tells this browser from others for a day. A check number of it stays with the result; one of your network address is kept for a day at most, so that nobody tries too often.
consent-more-free = You are free to decline. Then the camera stays off, and { $tenant } learns only that the check was not made.
consent-agree = I agree, continue
consent-decline = I decline
consent-failed = Your answer did not reach the server. Look at your connection and press the button again.

## Around every page

page-title = Liveness check
page-loading = The check is loading.
page-loading-help = If nothing happens within a few seconds, open this link in a current version of Chrome, Edge, Firefox or Safari.
page-no-script = This check needs JavaScript. Allow it for this site and load the page again.
page-demo = DEMO: this check counts for nothing.
page-language = العربية
page-again = Try again
page-back = Back
page-return = Continue to { $tenant }
page-return-soon = You continue by yourself in: { $seconds } s
page-stay = Stay on this page
page-close = You can close this page now.
page-wait = Minutes to wait: { $minutes }

## Declined

declined-title = You declined
declined-text = The camera stayed off, and no picture was taken. You can close this page.
declined-back = Read the question again

## Before the camera

camera-title = Turn on the camera
camera-text = Your browser will ask whether this page may use the camera. Choose “Allow”.
camera-tip-light = Sit where light falls on your face, not behind you.
camera-tip-face = Take off a mask, dark glasses or a cap.
camera-tip-place = Hold the device at the height of your eyes.
camera-path = How would you like to do it?
camera-path-flashes = With coloured light
camera-path-flashes-text = The screen shows five colours, and you move your head twice. The colours change less than three times a second.
camera-path-fades = Without flashes
camera-path-fades-text = The same five colours come slowly, each over a second, and you move your head twice.
camera-path-reduced = Your device asks for less motion. So there are no flashes: five colours come slowly, each over a second, and you move your head twice.
camera-open = Turn on the camera
camera-wait = Waiting for the camera. If your browser asks, choose “Allow”.

## Placing the face

live-title = Place your face in the oval
live-preview = What your camera shows, as in a mirror
live-connect = Connecting …
live-reconnect = The connection was lost. Connecting again …
live-start = Start
live-countdown = Starts by itself in: { $seconds }
live-hold = Do not start by itself
live-brightness = Turn the brightness of your screen all the way up.
live-to-fades = Do it without flashes
live-to-fades-done = Now without flashes.
live-left = Attempts left: { $left }

guide-no_face = Move your face into the oval.
guide-several_faces = More than one face is in the picture. Please be alone in front of the camera.
guide-too_far = Come a little closer.
guide-too_close = Move back a little.
guide-too_dark = It is too dark. Turn towards a light.
guide-too_bright = It is too bright. Turn away from the bright light.
guide-not_centred = Bring your face to the middle of the oval.
guide-look_straight = Look straight into the camera.
guide-face_covered = Part of your face is covered. Take off a mask, dark glasses or a cap.
guide-hold_still = Hold still for a moment.
guide-good = Good. You can start.

## The challenge

challenge-title = Follow what the screen says
challenge-text = Keep your face in front of the camera.
challenge-colour = Look at the screen and hold still.
challenge-step = Step { $number } of { $total }
challenge-stop = Stop
challenge-moved = Good. Now look straight into the camera again.
move-turn_left = Turn your head slowly to your left.
move-turn_right = Turn your head slowly to your right.
move-look_up = Raise your chin and look up.
move-look_down = Lower your chin and look down.
move-come_closer = Bring your face closer to the camera.

## Judging

judging-title = One moment
judging-text = The pictures are being judged. This takes a few seconds.

## The end

passed-title = Done
passed-text = The check found a live person in front of the camera.
failed-title = The check could not be completed
failed-text = The check could not tell that a live person was in front of the camera, and it cannot be repeated with this link.
failed-way = Ask { $tenant } for a new link or for another way.
expired-title = The time for this check is over
expired-text = A check is open for ten minutes.
expired-way = Ask { $tenant } for a new link.
retry-title = Please try once more
retry-text = It did not work this time. This helps:

## Why an attempt did not work, and what to do

reason-no_face = No face was to be seen. Keep your face in the oval until the end.
reason-several_faces = More than one face was in the picture. Please be alone in front of the camera.
reason-blurred = The picture was blurred. Wipe the lens, and hold device and head still.
reason-too_dark = It was too dark. Turn towards a lamp or a window.
reason-too_bright = It was too bright. Turn away from the bright light.
reason-bad_exposure = The light was not right. Turn so that even light falls on your face.
reason-face_too_small = The face was small in the picture. Come closer to the camera.
reason-turned_away = The head was turned away. Look straight into the camera unless the page asks for a movement.
reason-eyes_closed = The eyes were closed. Keep them open and look at the screen.
reason-face_covered = Part of the face was covered. Take off a mask, dark glasses or a cap.
reason-presentation = The check could not tell that it saw a face and not a picture of one. Use even light and a calm background, and keep other pictures and screens out of view.
reason-colour = The light of the screen was not to be seen on the face. Turn the brightness up, come closer, and avoid sunlight and bright lamps.
reason-movement = The movement was not to be seen clearly. Move your head slowly and far enough, then look straight again.
reason-jumps = The picture jumped. Move slowly, and leave the camera where it is.
reason-movement_too_early = The movement came before it was asked for. Wait for the sentence on the screen, then move slowly.
reason-continuity = The face was not in view all the time. Stay in front of the camera until the end.
reason-freshness = The pictures did not arrive as a camera sends them. Use the camera of this device, close other programs that use it, and look for a steady connection.
reason-other = The check could not tell. Use even light on your face, and follow the screen until the end.

## What can go wrong, and the way on

problem-unsupported-title = This browser cannot do the check
problem-unsupported-text = The check needs a browser that can use the camera and send pictures.
problem-unsupported-way = Open the link in a current version of Chrome, Edge, Firefox or Safari. If an app opened this page, choose “Open in browser” in its menu.
problem-insecure-title = This connection is not protected
problem-insecure-text = Browsers open the camera on protected pages only.
problem-insecure-way = Open the address with https:// in front of it.
problem-no_camera-title = No camera was found
problem-no_camera-text = This device does not show a camera to the browser.
problem-no_camera-way = Connect a camera and try again. Or ask for a new link and open it on a phone.
problem-permission-title = The camera is not allowed
problem-permission-text = The browser keeps the camera off for this page.
problem-permission-way = To allow it, press the sign beside the page's address (a lock, a camera or “aA”), open the settings of this site, and allow the camera. Look also whether the settings of the device allow the browser to use the camera. Then try again.
problem-in_use-title = The camera is busy
problem-in_use-text = Another program or another tab seems to be using the camera.
problem-in_use-way = Close programs for calls and video, and try again.
problem-camera_lost-title = The camera was turned off
problem-camera_lost-text = No more pictures come from the camera.
problem-camera_lost-way = Look whether the camera is connected and allowed, and try again.
problem-network-title = The connection was lost
problem-network-text = The server cannot be reached at the moment.
problem-network-way = Look at your connection. If you were in the middle of the check, a new attempt begins.
problem-blocked-title = The connection cannot be opened
problem-blocked-text = The server answers, but the connection for the pictures does not come about. Some networks block it.
problem-blocked-way = Try again, or use another network, for example that of your phone.
problem-too_slow-title = The connection is too slow
problem-too_slow-text = Too few pictures reached the server.
problem-too_slow-way = Go closer to the Wi-Fi router or use another network, close other programs, and try again.
problem-face_lost-title = The face left the picture
problem-face_lost-text = The check ended, since no face was to be seen.
problem-face_lost-way = Keep your face in front of the camera until the end, and try again.
problem-paused-title = The check has paused
problem-paused-text = It did not start for a while, or the page went into the background. The camera is off.
problem-paused-way = Try again when you are ready.
problem-stopped-title = Stopped
problem-stopped-text = You stopped the check. The camera is off.
problem-stopped-way = You can try again, or close this page.
problem-technical-title = That did not work
problem-technical-text = Something went wrong while the pictures were sent.
problem-technical-way = Try again. If it happens again, load the page again or use another browser.
problem-busy-title = The check is open elsewhere
problem-busy-text = Another tab or window is running this check.
problem-busy-way = Continue there, or close it and try again here.
problem-full-title = The server is busy
problem-full-text = Many people are using the check at the moment.
problem-full-way = Wait a minute and try again.
problem-throttled-title = Too many tries in a short time
problem-throttled-text = There were too many tries in this browser, in this network or of this person. The server asks for a pause.
problem-throttled-way = Try again later. If this link no longer works then, ask { $tenant } for a new one.
problem-other_browser-title = This link is in use in another browser
problem-other_browser-text = A check belongs to one browser, and another one has this check.
problem-other_browser-way = Continue where it was first opened or shown, or ask { $tenant } for a new link.
problem-no_cookie-title = This browser keeps no cookie
problem-no_cookie-text = The check needs a cookie, so that nobody else can go on with it.
problem-no_cookie-way = Allow cookies for this site and load the page again. If the page lies within another one, open the link in a tab of its own.
problem-other_text-title = The text of this page has changed
problem-other_text-text = Your answer was to another text than the one that counts now.
problem-other_text-way = Load the page again.
problem-unknown-title = This link does not work
problem-unknown-text = The server does not know this check.
problem-unknown-way = Look whether the whole address was copied, or ask { $tenant } for a new link.

## Pages instead of the check

closed-unknown-title = This link does not work
closed-unknown-text = The server does not know this check.
closed-unknown-way = Look whether the whole address was copied, or ask whoever sent it for a new link.
closed-expired-title = The time for this check is over
closed-expired-text = A check is open for ten minutes.
closed-expired-way = Ask whoever sent the link for a new one.
closed-used-title = This check is over
closed-used-text = The link has been used and cannot be used again.
closed-used-way = If you still need a check, ask whoever sent the link for a new one.
closed-other_browser-title = This link is in use in another browser
closed-other_browser-text = A check belongs to one browser, and another one has this check.
closed-other_browser-way = Continue where it was first opened or shown, or ask whoever sent the link for a new one.
closed-full-title = The server is busy
closed-full-text = Many people are using the check at the moment.
closed-full-way = Wait a minute and load this page again.
closed-error-title = That did not work
closed-error-text = The server could not show this check.
closed-error-way = Load this page again in a minute.

## The badge

badge-title = Liveness badge
badge-valid = A live person passed
badge-expired = This badge has expired
badge-revoked = This badge was withdrawn
badge-demo = DEMO: this badge proves nothing
badge-demo-mark = DEMO
badge-when = Passed on
badge-who = Checked for
badge-until = Valid until
badge-expired-on = Expired on
badge-revoked-on = Withdrawn on
badge-id = Number
badge-proves-title = What it proves
badge-proves = A live person passed a check in front of a camera on that day.
badge-nothing = Nothing: it was made to try things out.
badge-proves-not = It does not prove that whoever shows this badge is that person. It says nothing about name, age or identity.
badge-no-longer = It proves nothing any more.
badge-forms-title = For programs
badge-json = As JSON
badge-svg = As a picture (SVG)
badge-jws = Signed (JWS)
badge-keys = Public keys (JWKS)
badge-offline-title = How to check it without this server
badge-offline-1 = Fetch the public keys, and again where a kid is not among them. Fetch the signed badge.
badge-offline-2 = Check its signature with the key whose kid stands in its header. Accept the algorithm EdDSA only.
badge-offline-3 = Check that the badge's number (jti) and whom it was made for are those that you expect, that exp lies in the future, and that it is no demo.
badge-offline-4 = Whether it was withdrawn, only this server knows: ask for the JSON when it matters.
badge-unknown-title = There is no such badge
badge-unknown-text = The address may be incomplete, or the badge does not exist any more.
badge-svg-valid = Live person verified
badge-svg-demo = DEMO, proves nothing
badge-svg-expired = Expired
badge-svg-revoked = Withdrawn
badge-svg-for = for { $tenant }

## The page of a session: an identity document and its holder. Whoever changes a message of this group changes the version,
## in both files.

agree-version = 2026-11.3
agree-title = Verify your identity
agree-who = { $tenant } asks you to show an identity document and your face.
agree-why = It finds out whether the document is in order, and whether you are its holder.
agree-how = You photograph your document. Then you look into the camera for about ten seconds, follow the light of your screen and move your head.
agree-kept =
    { $days ->
        [one] The pictures of the document, one picture of your face, what was read and the result are kept encrypted for one day at most, and then deleted.
       *[other] The pictures of the document, one picture of your face, what was read and the result are kept encrypted for { $days } days at most, and then deleted.
    }
agree-shared = { $tenant } receives all of it.
agree-more-preview = Of what the camera shows besides, no picture is kept. What the page asked you to do, what was measured, what the browser says of the camera (its name, size and rate), whether a program drives the browser, and your answer on this page are kept as long as the result.
agree-more-history = Document and face are compared with those of earlier checks for the same company, to notice fraud.
agree-more-automatic = A program judges the pictures. What follows from it is decided by { $tenant }.

session-title = Identity check

## On a desk: go on with a phone

phone-text = This works best with a phone. Point its camera at this code, and open the link that it shows.
phone-code = Code with the link for your phone
phone-or-link = Or open this link on the phone:
phone-stay = Keep this page open: it goes on by itself when you are done on the phone. The link works once.
phone-here = Use this device
phone-failed = The code could not be made. Load the page again, or use this device.
elsewhere-title = Go on with your phone
elsewhere-text = The check is open on your phone now. Keep this page open: it goes on by itself.

## The document

document-document_front-title = Front of your document
document-document_front-text = Photograph the side with your portrait: of a passport the page with the photo, of a card the front.
document-document_back-title = Back of your document
document-document_back-text = Turn the document over and photograph the other side.
document-tip-whole = Lay it flat on a plain, darker ground. All four corners are to be seen.
document-tip-light = Use even light without reflections. Keep your fingers off it.
document-tip-sharp = Hold the camera straight above it, and still.
document-preview = What your camera shows
document-open = Turn on the camera
document-shoot = Take the picture
document-file = Choose a photo
document-hold = The camera is on. Hold the document into the picture, and take it.
document-sending = The picture is sent and looked at. This takes a few seconds.
document-taken = The picture is good.
document-or-file = Or choose a photo instead.

feedback-other = This picture cannot be used. Photograph one document alone, in even light.
feedback-document_not_found = No document was found. Bring all of it into the picture, on a plain ground.
feedback-face_not_found = No face was to be seen. Look into the camera.
feedback-document_face_not_found = The portrait of the document was not found. Photograph the side with the portrait, without reflections on it.
feedback-obstructed = Part of the document is covered or outside of the picture. Show all four corners, and take your fingers off it.
feedback-blur = The picture is blurred. Wipe the lens, hold still, and wait until the picture is sharp.
feedback-glare = A reflection covers part of the document. Tilt it a little, or turn away from the lamp.
feedback-document_not_supported = This document is not known here. Use another one: a passport, an identity card or a driving licence.
feedback-document_not_matching = This side belongs to another document than the front. Photograph the back of the same one.
feedback-wrong_document_side = This is the other side. Turn the document over.
feedback-multi_face = More than one face was in the picture. Please be alone in front of the camera.
feedback-face_rotated = The head was leaning. Hold head and device upright.
feedback-face_too_small = The face was small in the picture. Come closer to the camera.
feedback-face_too_close = The face was too close. Move back a little.
feedback-closed_eyes = The eyes were closed. Keep them open and look at the screen.
feedback-face_angle_too_large = The head was turned away. Look straight into the camera.
feedback-face_close_to_border = The face was at the edge of the picture. Bring it to the middle.
feedback-face_occluded = Part of the face was covered. Take off a mask, dark glasses or a cap.
feedback-face_cropped = The face was not wholly in the picture. Bring it to the middle, and move back a little.
feedback-barcode_not_found = The bar code was not found. Photograph the side with the bar code, sharp and whole.
feedback-glare_selfie = It was too bright. Turn away from the bright light.
feedback-blur_selfie = The picture was blurred. Wipe the lens, and hold device and head still.
feedback-restricted_criteria = This document is not accepted for this check. Use another one.

picture-network = The picture did not reach the server. Look at your connection and try again.
picture-too_large = This picture is too large: at most ten megabytes. Choose another one, or take it here.
picture-too_small = This picture is too small: at least 640 by 480 pixels. Choose another one, or use another camera.
picture-unreadable = This file is no picture that the browser can open. Choose a photo as JPEG.
picture-bad_picture = The server could not read this picture. Take it again, or choose another one.
picture-full = The server is busy. Wait a minute and try again.
picture-technical = Something went wrong while the picture was sent. Try again.

## Checking, and the end

page-continue = Continue
checking-title = Your pictures are being checked
checking-text = This takes a few seconds. Keep this page open.
recapture-title = Some pictures are needed again
recapture-text = Not everything could be read. The page asks for these pictures once more.
finished-title = Done
finished-text = Your pictures have been checked.
finished-phone-title = Done
finished-phone-text = Your pictures have been checked.
finished-phone-way = Go on where you opened the code. You can close this page now.
late-title = The time for this check is over
late-text = A check is open for one hour.
late-way = Ask { $tenant } for a new link.

closed-late-title = The time for this check is over
closed-late-text = A check is open for one hour.
closed-late-way = Ask whoever sent the link for a new one.
closed-throttled-title = Too many tries in a short time
closed-throttled-text = The server asks for a pause.
closed-throttled-way = Load this page again later.
closed-onward = Continue to { $tenant }
