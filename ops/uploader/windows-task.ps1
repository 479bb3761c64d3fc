# A task that starts the uploader with Windows and starts it again when it ends. Run once, as an administrator.
# Paths and the user are examples. Pair first, as the same user and with the same --data.

$program = 'C:\Program Files\Nahraum\nahraum-uploader.exe'
$data    = 'C:\ProgramData\Nahraum-Uploader'
$folder  = 'C:\Befunde'
$user    = "$env:COMPUTERNAME\nahraum"

# Only that user and administrators read the data folder: it holds the key.
New-Item -ItemType Directory -Force $data | Out-Null
icacls $data /inheritance:r /grant:r "${user}:(OI)(CI)F" 'BUILTIN\Administrators:(OI)(CI)F' | Out-Null

$action   = New-ScheduledTaskAction -Execute $program -Argument "--data `"$data`" watch `"$folder`""
$trigger  = New-ScheduledTaskTrigger -AtStartup
$settings = New-ScheduledTaskSettingsSet -RestartCount 999 -RestartInterval (New-TimeSpan -Minutes 1) `
            -ExecutionTimeLimit ([TimeSpan]::Zero) -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -StartWhenAvailable
$password = Read-Host "Password of $user" -AsSecureString
$plain    = [System.Net.NetworkCredential]::new('', $password).Password
Register-ScheduledTask -TaskName 'Nahraum uploader' -Action $action -Trigger $trigger -Settings $settings -User $user -Password $plain
