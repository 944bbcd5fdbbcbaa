# Stands in for Vivado where there is none: it runs a script with commands that only write down how they were called.
#   tclsh recorder.tcl SCRIPT RECORD
# A line of RECORD for each call: the script's line, the command and its arguments, in hexadecimal UTF-8.
# What a command gives back is the name of what was asked for; files that Vivado would write are made, empty.
lassign $argv script record
set script [file normalize $script]
set record [open $record w]

namespace eval recorder {
  # A call from the script: write it down, then what it does here.
  proc called {name arguments} {
    set words [list [line] $name {*}$arguments]
    puts $::record [join [lmap word $words { binary encode hex [encoding convertto utf-8 $word] }] ,]
    return [[namespace current]::[answer $name] $name $arguments]
  }
  # The line of the script that runs.
  proc line {} {
    for {set level [info frame]} {$level > 0} {incr level -1} {
      set frame [info frame $level]
      if {[dict get $frame type] eq "source" && [dict get $frame file] eq $::script} { return [dict get $frame line] }
    }
    return 0
  }
  proc answer {name} {
    variable answers
    return [expr {[dict exists $answers $name] ? [dict get $answers $name] : "nothing"}]
  }
  # The arguments that are no options.
  proc plain {arguments} {
    set found {}
    for {set i 0} {$i < [llength $arguments]} {incr i} {
      set word [lindex $arguments $i]
      if {$word in {-of_objects -filter -type -vlnv -file -root_dir -to_step}} { incr i; continue }
      if {![string match -* $word]} { lappend found {*}$word }
    }
    return $found
  }
  proc touch {file} { file mkdir [file dirname $file]; close [open $file w] }

  proc nothing {name arguments} { return "" }
  proc asked {name arguments} { return [plain $arguments] }
  proc version {name arguments} { return [expr {[info exists ::env(QFX_VIVADO)] ? $::env(QFX_VIVADO) : "2022.1"}] }
  proc project {name arguments} {
    variable place
    lassign [plain $arguments] project folder
    set place [file join $folder $project]
    return $project
  }
  proc current {name arguments} { return $name }
  proc cell {name arguments} { return [lindex $arguments end] }
  proc property {name arguments} {
    lassign $arguments property object
    return [expr {$property eq "PROGRESS" ? "100%" : $object}]
  }
  proc written {name arguments} { touch [lindex $arguments end] }
  proc handed_over {name arguments} {
    variable place
    set design [file rootname [lindex $arguments end]]
    touch $place.gen/sources_1/bd/$design/hw_handoff/$design.hwh
  }
  # What stands in a packaged IP: its kind, its name, and what it stands in.
  proc packaged {name arguments} {
    variable root
    set root [file join [dict get $arguments -root_dir] component.xml]
  }
  proc saved {name arguments} { variable root; touch $root }
  proc part_of {name arguments} {
    set name [regsub {^ipx::(add|get)_} $name {}]
    if {$name eq "bus_interfaces"} { return [list bus_interface [lindex $arguments 0]] }
    return [list $name {*}$arguments]
  }

  variable answers {
    version version create_project project current_project current current_fileset current
    create_bd_cell cell get_property property get_files asked get_runs asked get_board_parts asked get_ipdefs asked
    get_bd_cells asked get_bd_pins asked get_bd_intf_pins asked get_bd_addr_spaces asked get_bd_addr_segs asked
    generate_target handed_over write_bitstream written report_utilization written report_timing_summary written
    ipx::package_project packaged ipx::save_core saved ipx::current_core current ipx::get_bus_interfaces part_of
    ipx::add_bus_parameter part_of ipx::add_memory_map part_of ipx::add_address_block part_of ipx::add_register part_of
  }
  variable silent {
    add_files set_property update_compile_order update_ip_catalog create_bd_design apply_bd_automation connect_bd_net
    connect_bd_intf_net assign_bd_address exclude_bd_addr_seg regenerate_bd_layout validate_bd_design save_bd_design
    make_wrapper launch_runs wait_on_run open_run close_project
    ipx::remove_all_bus_interface ipx::get_memory_maps ipx::get_bus_parameters ipx::remove_memory_map ipx::infer_bus_interface
    ipx::associate_bus_interfaces ipx::create_xgui_files ipx::update_checksums ipx::check_integrity
  }
}
namespace eval ipx {}
foreach name [concat [dict keys $recorder::answers] $recorder::silent] {
  proc ::$name args "recorder::called [list $name] \$args"
}
rename unknown {}
source $script
close $record
